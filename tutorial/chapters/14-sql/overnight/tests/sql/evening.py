"""An evening of the club in its own process: python -m tests.sql.evening FILE."""

import asyncio
import sys

import sqlalchemy as sa
from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus
from reading_club.adapters.tables import metadata
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.domain.messages import RegisterBook


async def register(file: str) -> None:
    """Register a book, and end."""
    engine = sa.create_engine(f"sqlite:///{file}")
    metadata.create_all(engine)
    bus = AsyncMessageBus()
    bus.scan("reading_club.service.handlers")
    async with ClubUnitOfWork(engine) as transaction:
        await bus.handle(
            RegisterBook(
                id=uuidgen(1), isbn="0321125215", title="Domain Driven Design", author="Eric Evans"
            ),
            transaction,
        )
        await transaction.commit()


if __name__ == "__main__":
    asyncio.run(register(sys.argv[1]))
