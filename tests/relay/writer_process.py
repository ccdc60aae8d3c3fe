"""A writer in its own process: python -m tests.relay.writer_process FOLDER register|die NUMBER."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from messagebus import AsyncMessageBus
from messagebus.adapters.jsonlines import AsyncJsonLinesStream
from messagebus.adapters.sqlalchemy import AsyncSqlOutbox, leader_of, open_database
from messagebus.relay import AsyncRelay
from reading_club.adapters import schema
from reading_club.adapters.tables import eventstore
from reading_club.adapters.uow import ClubUnitOfWork
from tests.sql.season import SEASON


class Killed(ClubUnitOfWork):
    """Its process dies at the moment in which the transaction is committed."""

    async def commit(self) -> None:
        await super().commit()
        os.kill(os.getpid(), signal.SIGKILL)


async def evening(folder: Path, what: str, number: int) -> None:
    database = open_database(f"sqlite:///{folder}/club.db")
    await schema.migrate(database)
    bus = AsyncMessageBus()
    bus.scan("reading_club.service.handlers")
    uow = (Killed if what == "die" else ClubUnitOfWork)(database)
    async with uow as transaction:
        await bus.handle(SEASON[number], transaction)
        await transaction.commit()
    outbox = AsyncSqlOutbox(database, eventstore)
    stream = AsyncJsonLinesStream(folder / "news.jsonl")
    await AsyncRelay(outbox, stream, leader_of(database, eventstore)).drain()
    await database.close()


if __name__ == "__main__":
    asyncio.run(evening(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
