"""Tables that change while they hold rows."""

import sqlite3
from contextlib import closing
from pathlib import Path

from messagebus import AsyncMessageBus
from messagebus.adapters.sqlalchemy import open_database
from reading_club.adapters import schema
from reading_club.adapters.uow import ClubUnitOfWork
from tests.sql.season import SEASON, play

LAST_WEEK = Path(__file__).with_name("last_week.sql").read_text()


async def test_a_file_of_last_week_is_used_this_week(file: Path, bus: AsyncMessageBus) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(LAST_WEEK)
    database = open_database(f"sqlite:///{file}")
    await schema.migrate(database)
    bob, doubt = SEASON[3], SEASON[5]
    await play([bob, doubt], ClubUnitOfWork(database), bus)
    async with ClubUnitOfWork(database) as transaction:
        (book,) = await transaction.catalogue.shelf()
        await transaction.rollback()
    await database.close()
    assert (book.reviews, book.rating) == (2, 7.5)


async def test_the_migrations_make_the_declared_tables(each_url: str) -> None:
    database = open_database(each_url)
    await schema.migrate(database)
    assert await database.run(schema.differences) == []
    await database.close()
