"""An evening of the club in its own process: python -m tests.sql.evening FILE."""

import asyncio
import sys

from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus
from messagebus.adapters.sqlalchemy import open_database
from reading_club.adapters.tables import metadata
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.domain.messages import RegisterBook


async def register(file: str) -> None:
    """Register a book, and end."""
    database = open_database(f"sqlite:///{file}")
    await database.create(metadata)
    bus = AsyncMessageBus()
    bus.scan("reading_club.service.handlers")
    async with ClubUnitOfWork(database) as transaction:
        await bus.handle(
            RegisterBook(
                id=uuidgen(1), isbn="0321125215", title="Domain Driven Design", author="Eric Evans"
            ),
            transaction,
        )
        await transaction.commit()
    await database.close()


if __name__ == "__main__":
    asyncio.run(register(sys.argv[1]))
