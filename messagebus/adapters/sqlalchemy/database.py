"""Databases: what hands out sessions, on an engine of its own."""

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from anyio import CapacityLimiter

from messagebus.adapters.sqlalchemy.cancellation import call_in_thread, raise_cancellation
from messagebus.adapters.sqlalchemy.errors import connecting, translated
from messagebus.adapters.sqlalchemy.forks import (
    forget_in_child,
    keep_for_parent,
    leave_to_parent,
)
from messagebus.adapters.sqlalchemy.postgresql import Connections, PooledSession
from messagebus.adapters.sqlalchemy.postgresql_timeouts import PATIENCE, STATEMENT_TIMEOUT
from messagebus.adapters.sqlalchemy.session import AsyncSqlSession, SyncSqlSession
from messagebus.adapters.sqlalchemy.sqlite import SqlitePool, SqliteSession

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")
Pools = tuple[SqlitePool, SqlitePool]
"""A writer's, and the readers' beside it."""


class AsyncSqlDatabase(ABC):
    """One database of an application: open it once, give it to every unit of work."""

    @abstractmethod
    def session(self, *, read_only: bool = False) -> AsyncSqlSession:
        """A session for one unit of work; one that only reads takes no writer's turn."""

    @abstractmethod
    async def with_connection(self, function: Callable[[sa.Connection], T]) -> T:
        """Call `function(connection)` outside of a transaction: it begins and ends its own."""

    @abstractmethod
    async def close(self) -> None:
        """Close every connection."""

    async def run(self, function: Callable[[sa.Connection], T], *, read_only: bool = False) -> T:
        """Call `function(connection)` in a transaction of its own, and commit it."""
        session = self.session(read_only=read_only)
        session.enter()
        try:
            result = await session.run(function)
            await session.commit()
        finally:
            await session.rollback()
            await raise_cancellation()
        return result

    async def create(self, metadata: sa.MetaData) -> None:
        """Make the tables that are missing; a service that grows has migrations instead."""
        await self.run(metadata.create_all)


class PooledDatabase(AsyncSqlDatabase):
    """A database behind SQLAlchemy's `AsyncEngine`: a connection for each unit of work.

    It serves one event loop after another, and a forked process beside its parent.
    """

    def __init__(
        self,
        engine: "AsyncEngine",
        *,
        patience: float = PATIENCE,
        statement_timeout: float = STATEMENT_TIMEOUT,
        transaction_pooling: bool = False,
    ) -> None:
        """The bounds are those of `open_database`, for an engine that keeps them too."""
        self.engine = engine
        self.transaction_pooling = transaction_pooling
        self.connections = Connections(engine, patience, statement_timeout)

    def session(self, *, read_only: bool = False) -> AsyncSqlSession:
        """A session on a connection of the pool."""
        return PooledSession(self.connections, read_only=read_only)

    async def run(self, function: Callable[[sa.Connection], T], *, read_only: bool = False) -> T:
        """Call `function(connection)` in a transaction of its own, and commit it."""
        if read_only:
            return await self.connections.read(function)
        return await super().run(function)

    async def with_connection(self, function: Callable[[sa.Connection], T]) -> T:
        """Call `function(connection)` outside of a transaction: it begins and ends its own."""
        return await self.connections.with_connection(function)

    async def close(self) -> None:
        """Close every connection; another event loop may use the database then."""
        await self.connections.close()


class SqliteDatabase(AsyncSqlDatabase):
    """An SQLite file: one writer at a time, and readers beside it, on anyio's worker threads.

    Each event loop has connections of its own. A process that is forked while connections are open
    can't use the file: it must be started by `spawn`, or the database closed before.
    """

    def __init__(self, engine: sa.Engine, *, patience: float = PATIENCE) -> None:
        self.engine = engine
        self._patience = patience
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
        """A session that takes the writer's turn, or one of the readers' beside it."""
        return SqliteSession(lambda: self._pool(read_only=read_only))

    async def run(self, function: Callable[[sa.Connection], T], *, read_only: bool = False) -> T:
        """Call `function(connection)` in a transaction of its own, and commit it."""
        return await self._pool(read_only=read_only).run(function)

    async def with_connection(self, function: Callable[[sa.Connection], T]) -> T:
        """Call `function(connection)` outside of a transaction, on a thread of its own."""
        try:
            return await call_in_thread(
                lambda: _with_connection(self.engine, function), CapacityLimiter(1)
            )
        finally:
            await raise_cancellation()

    async def close(self) -> None:
        """Close the connections of each event loop; those of this one when their work has ended."""
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
                writer = SqlitePool(self.engine, limit=1, timeout=self._patience)
                readers = SqlitePool(self.engine, limit=4, timeout=self._patience, read_only=True)
                pools = self._of_loop[loop] = writer, readers
        return pools[read_only]


class SyncSqlDatabase:
    """The same for the sync door: any number of threads, each with a unit of work of its own."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        forget_in_child(self)

    def forget(self) -> None:
        """Leave the connections to the parent of this process, which goes on with them."""
        leave_to_parent(self.engine)

    def session(self, *, read_only: bool = False) -> SyncSqlSession:
        """A session for one unit of work; one that only reads takes no writer's turn."""
        return SyncSqlSession(self.engine, read_only=read_only)

    def with_connection(self, function: Callable[[sa.Connection], T]) -> T:
        """Call `function(connection)` outside of a transaction: it begins and ends its own."""
        return _with_connection(self.engine, function)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def create(self, metadata: sa.MetaData) -> None:
        """Make the tables that are missing; a service that grows has migrations instead."""
        session = self.session()
        session.enter()
        try:
            session.run(metadata.create_all)
            session.commit()
        finally:
            session.rollback()


def _with_connection(engine: sa.Engine, function: Callable[[sa.Connection], T]) -> T:
    with translated(committing=True):
        with connecting(engine.url):
            connection = engine.connect()
        with connection:
            return function(connection)
