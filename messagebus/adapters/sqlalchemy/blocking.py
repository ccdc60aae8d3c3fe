"""The blocking engines behind the async door, for a process that does one thing after the other.

Such a process has nothing else to do while a statement runs, and a hop to a thread and back, or
through an async driver, costs more than a row. A service keeps `open_database`: there, others wait.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy.database import AsyncSqlDatabase, SyncSqlDatabase
from messagebus.adapters.sqlalchemy.session import AsyncSqlSession, SyncSqlSession, Work

T = TypeVar("T")


class BlockingSession(AsyncSqlSession):
    """A unit of work's connection, whose statements the loop itself runs."""

    def __init__(self, session: SyncSqlSession) -> None:
        self._session = session

    def enter(self) -> None:
        """Let statements run from now on, until `commit` or `rollback`."""
        super().enter()
        self._session.enter()

    async def _run(self, work: Work[T]) -> T:
        return self._session.run(work)

    async def _commit(self, last: Work[Any] | None) -> None:
        self._session.commit(last)

    async def _rollback(self) -> None:
        self._session.rollback()


class BlockingDatabase(AsyncSqlDatabase):
    """A database for units of work of the async door that block the loop."""

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
