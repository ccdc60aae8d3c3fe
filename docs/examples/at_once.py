"""Twelve clients at once, on a database of each kind."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from tempfile import TemporaryDirectory
from typing import TypeVar

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy import AsyncSqlDatabase, open_database
from tests.requires import postgresql
from tests.sql.conftest import database_of_its_own

T = TypeVar("T")
CLIENTS = 12


class Barrier:
    """Where each client waits, once, until all of them have come."""

    def __init__(self, expected: int) -> None:
        self._missing = expected
        self._all_here = asyncio.Event()

    async def wait(self) -> None:
        self._missing -= 1
        if self._missing <= 0:
            self._all_here.set()
        await self._all_here.wait()


async def at_once(
    database: AsyncSqlDatabase, client: Callable[[Barrier], Awaitable[T]]
) -> list[T]:
    """What each client got; on SQLite none can meet another one.

    There a transaction that may write has the file to itself.
    """
    alone = await database.run(on_sqlite)
    barrier = Barrier(1 if alone else CLIENTS)
    return await asyncio.gather(*(client(barrier) for _ in range(CLIENTS)))


def on_sqlite(connection: sa.Connection) -> bool:
    return connection.dialect.name == "sqlite"


@asynccontextmanager
async def opened(
    url: str, metadata: sa.MetaData
) -> AsyncGenerator[AsyncSqlDatabase, None]:
    database = open_database(url, pool_size=CLIENTS)
    await database.create(metadata)
    yield database
    await database.close()


async def on_each(
    metadata: sa.MetaData, measure: Callable[[AsyncSqlDatabase], Awaitable[str]]
) -> None:
    """Print what is measured, on new tables of each kind."""
    with TemporaryDirectory() as folder:
        async with opened(f"sqlite:///{folder}/at_once.db", metadata) as file:
            print(f"SQLite: {await measure(file)}")
    with database_of_its_own(postgresql()) as url:
        async with opened(url, metadata) as server:
            print(f"PostgreSQL: {await measure(server)}")
