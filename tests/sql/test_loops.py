"""A database outlives the event loop and the process that opened it."""

import asyncio
import subprocess
import sys
import threading
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from messagebus import ConfigurationError
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlUnitOfWork,
    open_database,
)
from reading_club.adapters.tables import eventstore, metadata
from tests.waiting import TIMEOUT


def look(connection: sa.Connection) -> object:
    return connection.scalar(sa.select(1))


async def gathered(database: AsyncSqlDatabase) -> None:
    """More of them than there are connections, so that some wait."""
    await asyncio.gather(*(database.run(look) for _ in range(20)))


async def close(database: AsyncSqlDatabase) -> None:
    await gathered(database)
    await database.close()


def on_a_thread(flow: Callable[[], Coroutine[Any, Any, None]]) -> BaseException | None:
    """What an event loop on a thread of its own raises."""
    raised: list[BaseException] = []

    def run() -> None:
        try:
            asyncio.run(flow())
        except Exception as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(TIMEOUT)
    return next(iter(raised), None)


def test_one_database_serves_one_event_loop_after_another(each_url: str) -> None:
    database = open_database(each_url)
    for flow in (gathered, gathered, close, close):
        asyncio.run(flow(database))


def test_one_unit_of_work_serves_one_event_loop_after_another(each_url: str) -> None:
    database = open_database(each_url)
    uow = AsyncSqlUnitOfWork(database, eventstore)

    async def work() -> None:
        async with uow as transaction:
            await asyncio.gather(*(transaction.session.run(look) for _ in range(2)))
            await transaction.commit()

    async def last() -> None:
        await work()
        await database.close()

    asyncio.run(database.create(metadata))
    asyncio.run(work())
    asyncio.run(last())


async def test_two_event_loops_at_once_write_one_sqlite_file(file: Any) -> None:
    database = open_database(f"sqlite:///{file}")
    await gathered(database)
    assert await asyncio.to_thread(on_a_thread, lambda: gathered(database)) is None
    await gathered(database)
    await database.close()


async def test_a_second_event_loop_is_told_that_a_pool_belongs_to_the_first(
    server_url: str,
) -> None:
    database = open_database(server_url)
    await gathered(database)
    error = await asyncio.to_thread(on_a_thread, lambda: gathered(database))
    assert isinstance(error, ConfigurationError)
    assert "open a database for each loop" in str(error)
    await gathered(database)
    await database.close()
    assert await asyncio.to_thread(on_a_thread, lambda: close(database)) is None


def test_a_forked_process_leaves_its_parent_the_connections(server_url: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.sql.forking", server_url],
        timeout=TIMEOUT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def test_a_forked_process_uses_an_sqlite_file_that_was_closed_and_rejects_one_that_was_open(
    tmp_path: Path,
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.sql.forking_sqlite", str(tmp_path)],
        timeout=TIMEOUT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
