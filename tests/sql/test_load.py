"""Many units of work at once lose no change, wait for a bounded time, and keep the order.

MESSAGEBUS_FULL_LOAD=1 counts ten times as often, with twice the processes.
"""

import asyncio
import os
import sys
from pathlib import Path

from messagebus.adapters.sqlalchemy import AsyncSqlDatabase, open_database
from reading_club.adapters.tables import metadata
from reading_club.bootstrap import ReadingClub
from reading_club.config import Settings
from tests.sql.counting import BOOKS, count, counted, keep_books

FULL = "MESSAGEBUS_FULL_LOAD" in os.environ
UNITS, TIMES = 50, 200 if FULL else 20
PROCESSES, TIMES_EACH = (8, 1000) if FULL else (4, 100)


async def check_all_were_counted(database: AsyncSqlDatabase, times: int) -> None:
    each = times // len(BOOKS)
    expected = [(each, list(range(1, each + 1)))] * len(BOOKS)
    assert await database.run(counted, read_only=True) == expected


async def test_units_of_work_at_once_lose_nothing_and_keep_the_order_of_each_key(
    each_database: AsyncSqlDatabase,
) -> None:
    await keep_books(each_database)
    club = ReadingClub(each_database, Settings())
    async with asyncio.TaskGroup() as tasks:
        for _ in range(UNITS):
            tasks.create_task(count(club, TIMES))
    await check_all_were_counted(each_database, UNITS * TIMES)


async def test_processes_at_once_lose_nothing_and_keep_the_order_of_each_key(
    each_url: str,
) -> None:
    database = open_database(each_url)
    await database.create(metadata)
    await keep_books(database)
    command = [sys.executable, "-m", "tests.sql.counting", each_url, str(TIMES_EACH)]
    root = Path(__file__).parents[2]
    started = [await asyncio.create_subprocess_exec(*command, cwd=root) for _ in range(PROCESSES)]
    assert [await each.wait() for each in started] == [0] * PROCESSES
    await check_all_were_counted(database, PROCESSES * TIMES_EACH)
    await database.close()
