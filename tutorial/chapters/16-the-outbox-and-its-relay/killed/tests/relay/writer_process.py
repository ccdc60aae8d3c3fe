"""A writer in its own process: python -m tests.relay.writer_process FOLDER register|die NUMBER."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from messagebus import (
    AsyncAbstractEventstreamTransport,
    AsyncEventstreamPublisher,
    AsyncMessageBus,
)
from messagebus.adapters.sqlalchemy import open_database
from reading_club.adapters import schema
from reading_club.adapters.uow import ClubUnitOfWork
from tests.sql.season import SEASON


class Killed(ClubUnitOfWork):
    """Its process dies at the moment in which the transaction is committed."""

    async def commit(self) -> None:
        await super().commit()
        os.kill(os.getpid(), signal.SIGKILL)


class Lines(AsyncAbstractEventstreamTransport):
    """A file that the newsletter reads."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("a")

    async def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        print(json.dumps({"envelope": message}), file=self.file, flush=True)


async def evening(folder: Path, what: str, number: int) -> None:
    database = open_database(f"sqlite:///{folder}/club.db")
    await schema.migrate(database)
    bus = AsyncMessageBus()
    bus.scan("reading_club.service.handlers")
    publisher = AsyncEventstreamPublisher(Lines(folder / "news.jsonl"))
    uow = (Killed if what == "die" else ClubUnitOfWork)(database, publisher)
    async with uow as transaction:
        await bus.handle(SEASON[number], transaction)
        await transaction.commit()
    await database.close()


if __name__ == "__main__":
    asyncio.run(evening(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])))
