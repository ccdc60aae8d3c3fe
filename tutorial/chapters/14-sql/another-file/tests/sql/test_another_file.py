"""Two files are two clubs: a writer of one does not wait for a writer of the other."""

import asyncio
from pathlib import Path

from messagebus import AsyncMessageBus
from messagebus.adapters.sqlalchemy import open_database
from reading_club.adapters.tables import metadata
from reading_club.adapters.uow import ClubUnitOfWork
from tests.sql.test_two_writers import register


async def test_a_writer_here_waits_for_no_writer_there(
    tmp_path: Path, bus: AsyncMessageBus
) -> None:
    here = open_database(f"sqlite:///{tmp_path}/here.db")
    there = open_database(f"sqlite:///{tmp_path}/there.db")
    for database in (here, there):
        await database.create(metadata)
    async with asyncio.timeout(5), ClubUnitOfWork(here) as transaction:
        await transaction.session.run(lambda connection: connection.begin_nested().commit())
        await register(1, there, bus)
        await transaction.rollback()
    for database in (here, there):
        await database.close()
