"""Twelve clients at once, each at the worst moment for the others."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy import AsyncSqlDatabase

T = TypeVar("T")
CLIENTS, ROUNDS = 12, 3
TIMEOUT = 10.0
"""Seconds within which each client has its answer."""


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
) -> Sequence[T]:
    """What each client was answered.

    On SQLite nobody waits at the barrier: a transaction that may write has the file to itself.
    """
    barrier = Barrier(1 if await database.run(_is_sqlite) else CLIENTS)
    async with asyncio.timeout(TIMEOUT):
        return await asyncio.gather(*(client(barrier) for _ in range(CLIENTS)))


def _is_sqlite(connection: sa.Connection) -> bool:
    return connection.dialect.name == "sqlite"
