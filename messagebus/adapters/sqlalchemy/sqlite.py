"""SQLite for an event loop: one writer of a file at a time, and readers beside it."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from anyio import CapacityLimiter

from messagebus.adapters.sqlalchemy.cancellation import (
    call_in_thread,
    raise_cancellation,
    shielded,
)
from messagebus.adapters.sqlalchemy.database import (
    TIMEOUT,
    AsyncSqlDatabase,
    call_with_connection,
)
from messagebus.adapters.sqlalchemy.forks import forget_in_child, keep_for_parent
from messagebus.adapters.sqlalchemy.session import AsyncSqlSession, Work
from messagebus.adapters.sqlalchemy.sqlite_pool import SqliteConnection, SqlitePool

T = TypeVar("T")
Pools = tuple[SqlitePool, SqlitePool]
"""The writer's pool and the readers' pool."""


class SqliteSession(AsyncSqlSession):
    """A unit of work's connection, from its first statement to its end."""

    def __init__(self, pool_of_loop: Callable[[], SqlitePool]) -> None:
        self._pool_of_loop = pool_of_loop
        self._pool: SqlitePool | None = None
        self._connection: SqliteConnection | None = None
        self._connecting = asyncio.Lock()

    def enter(self) -> None:
        """Let statements run from now on, until `commit` or `rollback`."""
        super().enter()
        # A lock belongs to the event loop of the first task that waited for it.
        self._connecting = asyncio.Lock()

    async def _run(self, work: Work[T]) -> T:
        connection = self._connection or await self._connect()
        flow = connection.run(lambda: work(connection.begin()))
        try:
            return await flow
        finally:
            await raise_cancellation()

    async def _commit(self, final: Work[Any] | None) -> None:
        if final is not None and self._connection is None:
            await self._connect()
        if (connection := self._connection) is not None:
            await connection.run(lambda: connection.commit(final))
            self._give_back()

    async def _rollback(self) -> None:
        if (connection := self._connection) is None:
            return
        try:
            await shielded(connection.run(connection.rollback))
        finally:
            self._give_back()

    async def _connect(self) -> SqliteConnection:
        async with self._connecting:
            if self._connection is None:
                self._pool = self._pool_of_loop()
                self._connection = await self._pool.take()
            return self._connection

    def _give_back(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None and self._pool is not None:
            self._pool.give_back(connection)


class SqliteDatabase(AsyncSqlDatabase):
    """An SQLite file: one writer at a time, and readers beside it, on anyio's worker threads.

    Each event loop has connections of its own. A process that is forked while connections are open
    can't use the file: close the database before the fork, or start the process by spawn.
    """

    def __init__(self, engine: sa.Engine, *, timeout: float = TIMEOUT) -> None:
        self.engine = engine
        self._timeout = timeout
        self._of_loop = WeakKeyDictionary[asyncio.AbstractEventLoop, Pools]()
        self._changing = threading.Lock()
        forget_in_child(self)

    def forget(self) -> None:
        """Leave the connections to the parent of this process."""
        for pools in self._of_loop.values():
            keep_for_parent(pools)
            for pool in pools:
                pool.forget()
        self._of_loop = WeakKeyDictionary()
        self._changing = threading.Lock()

    def session(self, *, read_only: bool = False) -> AsyncSqlSession:
        """A session that waits for the writer's connection, or takes one of the readers'."""
        return SqliteSession(lambda: self._pool(read_only=read_only))

    async def run(self, function: Callable[[sa.Connection], T], *, read_only: bool = False) -> T:
        """Call `function(connection)` in a transaction of its own, and commit it."""
        return await self._pool(read_only=read_only).run(function)

    async def with_connection(self, function: Callable[[sa.Connection], T]) -> T:
        """Call `function(connection)` outside of a transaction, on a connection of its own."""
        limiter = CapacityLimiter(1)
        try:
            return await call_in_thread(
                lambda: call_with_connection(self.engine, function), limiter
            )
        finally:
            await raise_cancellation()

    async def close(self) -> None:
        """Close the connections of all event loops; those of this loop end their work first."""
        here = asyncio.get_running_loop()
        try:
            for loop, pools in [*self._of_loop.items()]:
                for pool in pools:
                    if loop is here:
                        await pool.close()
                    else:
                        pool.close_at_once()
        finally:
            self.engine.dispose()

    def _pool(self, *, read_only: bool) -> SqlitePool:
        loop = asyncio.get_running_loop()
        pools = self._of_loop.get(loop)
        if pools is None:
            with self._changing:
                for ended in [each for each in self._of_loop if each.is_closed()]:
                    for pool in self._of_loop.pop(ended):
                        pool.close_at_once()
                writer = SqlitePool(self.engine, limit=1, timeout=self._timeout)
                readers = SqlitePool(self.engine, limit=4, timeout=self._timeout, read_only=True)
                pools = self._of_loop[loop] = writer, readers
        return pools[read_only]
