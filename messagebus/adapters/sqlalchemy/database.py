"""A database makes sessions on its engine, and runs functions in transactions."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy.cancellation import raise_cancellation
from messagebus.adapters.sqlalchemy.errors import connecting, translated
from messagebus.adapters.sqlalchemy.forks import forget_in_child, leave_to_parent
from messagebus.adapters.sqlalchemy.session import AsyncSqlSession, SyncSqlSession, Work

T = TypeVar("T")

TIMEOUT = 10.0
"""Seconds that a unit of work waits for a connection, or for another writer of an SQLite file."""

POOL_SIZE = 10
"""Units of work that have a connection at the same time; others wait."""


class AsyncSqlDatabase(ABC):
    """One database of an application; open it once and pass it to each unit of work."""

    @abstractmethod
    def session(self, *, read_only: bool = False) -> AsyncSqlSession:
        """A session for one unit of work; one that only reads doesn't wait for a writer."""

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
        """Create missing tables; a service whose tables change has migrations instead."""
        await self.run(metadata.create_all)


class SyncSqlDatabase:
    """The sync variant, for any number of threads, each with its own unit of work."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        forget_in_child(self)

    def forget(self) -> None:
        """Leave the connections to the parent of this process, which goes on with them."""
        leave_to_parent(self.engine)

    def session(self, *, read_only: bool = False) -> SyncSqlSession:
        """A session for one unit of work; one that only reads doesn't wait for a writer."""
        return SyncSqlSession(self.engine, read_only=read_only)

    def with_connection(self, function: Callable[[sa.Connection], T]) -> T:
        """Call `function(connection)` outside of a transaction: it begins and ends its own."""
        return call_with_connection(self.engine, function)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def create(self, metadata: sa.MetaData) -> None:
        """Create missing tables; a service whose tables change has migrations instead."""
        session = self.session()
        session.enter()
        try:
            session.run(metadata.create_all)
            session.commit()
        finally:
            session.rollback()


class BlockingSession(AsyncSqlSession):
    """A unit of work's connection, whose statements block the event loop."""

    def __init__(self, session: SyncSqlSession) -> None:
        self._session = session

    def enter(self) -> None:
        """Let statements run from now on, until `commit` or `rollback`."""
        super().enter()
        self._session.enter()

    async def _run(self, work: Work[T]) -> T:
        return self._session.run(work)

    async def _commit(self, final: Work[Any] | None) -> None:
        self._session.commit(final)

    async def _rollback(self) -> None:
        self._session.rollback()


class BlockingDatabase(AsyncSqlDatabase):
    """A sync database for async units of work, in a process that runs one task at a time.

    Such a process has nothing else to do while a statement runs, and a thread or an async driver
    costs more time than a row. A service uses `open_database` instead.
    """

    def __init__(self, database: SyncSqlDatabase) -> None:
        self._database = database

    def session(self, *, read_only: bool = False) -> AsyncSqlSession:
        """A session for one unit of work."""
        return BlockingSession(self._database.session(read_only=read_only))

    async def with_connection(self, function: Callable[[sa.Connection], T]) -> T:
        """Call `function(connection)` outside of a transaction: it begins and ends its own."""
        return self._database.with_connection(function)

    async def close(self) -> None:
        """Close every connection."""
        self._database.close()


def call_with_connection(engine: sa.Engine, function: Callable[[sa.Connection], T]) -> T:
    """Call `function(connection)` outside of a transaction: it begins and ends its own."""
    with translated(committing=True):
        with connecting(engine.url):
            connection = engine.connect()
        with connection:
            return function(connection)
