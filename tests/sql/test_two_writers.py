"""Two writers at once."""

import asyncio
import sqlite3
from pathlib import Path

import pytest
from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus
from messagebus.adapters.sqlalchemy import AsyncSqlDatabase, open_database
from reading_club.adapters.tables import metadata
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.domain.messages import RegisterBook

ISBNS = {1: "0321125215", 2: "9780132350884"}


async def register(number: int, database: AsyncSqlDatabase, bus: AsyncMessageBus) -> None:
    async with ClubUnitOfWork(database) as transaction:
        command = RegisterBook(id=uuidgen(number), isbn=ISBNS[number], title="…", author="…")
        await bus.handle(command, transaction)
        await asyncio.sleep(0.01)
        await transaction.commit()


async def test_two_writers_register_at_once(
    each_database: AsyncSqlDatabase, bus: AsyncMessageBus
) -> None:
    await asyncio.gather(*(register(number, each_database, bus) for number in ISBNS))
    async with ClubUnitOfWork(each_database) as transaction:
        for number in ISBNS:
            assert (await transaction.books.by_id(uuidgen(number))).is_ok()
        await transaction.rollback()


async def test_a_writer_has_the_file_from_its_beginning(file: Path) -> None:
    database = open_database(f"sqlite:///{file}")
    await database.create(metadata)
    another = sqlite3.connect(file, timeout=0)
    async with ClubUnitOfWork(database) as transaction:
        await transaction.books.by_id(uuidgen(1))
        with pytest.raises(sqlite3.OperationalError, match="database is locked"):
            another.execute("BEGIN IMMEDIATE")
        await transaction.rollback()
    another.close()
    await database.close()
