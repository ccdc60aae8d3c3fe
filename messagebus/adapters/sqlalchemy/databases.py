"""Databases: what hands out sessions, on an engine of its own."""

import asyncio
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy.errors import connecting, translated
from messagebus.adapters.sqlalchemy.forks import forget_in_child, keep_for_parent
from messagebus.adapters.sqlalchemy.lines import Lines, LineSession
from messagebus.adapters.sqlalchemy.pooled import Connections, PooledSession
from messagebus.adapters.sqlalchemy.sessions import AsyncSqlSession, SyncSqlSession
from messagebus.adapters.sqlalchemy.thread import WorkerThread, heed_cancellation
from messagebus.adapters.sqlalchemy.waits import PATIENCE, STATEMENT_TIMEOUT

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine

T = TypeVar("T")


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
            await heed_cancellation()
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
    """An SQLite file: one writer at a time, and readers beside it, each on a thread of its own.

    Each event loop has threads and connections of its own, as each process has.
    """

    def __init__(self, engine: sa.Engine, *, patience: float = PATIENCE) -> None:
        self.engine = engine
        self._patience = patience
        self._of_loop = WeakKeyDictionary[asyncio.AbstractEventLoop, tuple[Lines, Lines]]()
        self._changing = threading.Lock()

    def session(self, *, read_only: bool = False) -> AsyncSqlSession:
        """A session that takes the writer's turn, or one of the readers' beside it."""
        return LineSession(lambda: self._lines(read_only=read_only))

    async def run(self, function: Callable[[sa.Connection], T], *, read_only: bool = False) -> T:
        """Call `function(connection)` in a transaction of its own, and commit it: in one hop."""
        return await self._lines(read_only=read_only).run(function)

    async def with_connection(self, function: Callable[[sa.Connection], T]) -> T:
        """Call `function(connection)` outside of a transaction, on a thread of its own."""
        thread = WorkerThread("sql-connection")
        try:
            return await thread.finish(lambda: _with_connection(self.engine, function))
        finally:
            thread.close()
            await heed_cancellation()

    async def close(self) -> None:
        """Let the threads end what they were given, and close the connections."""
        for writer, readers in [*self._of_loop.values()]:
            writer.close()
            readers.close()
        self.engine.dispose()

    def _lines(self, *, read_only: bool) -> Lines:
        loop = asyncio.get_running_loop()
        both = self._of_loop.get(loop)
        if both is None:
            with self._changing:
                for ended in [each for each in self._of_loop if each.is_closed()]:
                    for lines in self._of_loop.pop(ended):
                        lines.close()
                writer = Lines(self.engine, limit=1, patience=self._patience)
                readers = Lines(self.engine, limit=4, patience=self._patience, read_only=True)
                both = self._of_loop[loop] = writer, readers
        return both[read_only]


class SyncSqlDatabase:
    """The same for the sync door: any number of threads, each with a unit of work of its own."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        if engine.dialect.name == "postgresql":
            forget_in_child(self)

    def forget(self) -> None:
        """Leave the connections to the parent of this process, which goes on with them."""
        keep_for_parent(self.engine.pool)
        self.engine.dispose(close=False)

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
