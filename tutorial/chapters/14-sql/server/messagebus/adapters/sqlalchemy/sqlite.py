"""SQLite for the event loop, which waits for the file's short calls."""

from typing import TypeVar

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy.session import AsyncSqlSession, Work

T = TypeVar("T")


class LineSession(AsyncSqlSession):
    """A unit of work's connection, from its first statement to its end."""

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._connection: sa.Connection | None = None

    async def _run(self, work: Work[T]) -> T:
        if self._connection is None:
            self._connection = self._engine.connect()
        return work(self._connection)

    async def commit(self) -> None:
        """Commit the changes, and release the connection."""
        if self._connection is not None:
            self._connection.commit()
        self._end()

    async def rollback(self) -> None:
        """Undo the changes, and release the connection."""
        if self._connection is not None:
            self._connection.rollback()
        self._end()

    def _end(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
