"""SQLite for the event loop: one writer at a time, and the others wait on the loop.

A writer that waited in SQLite would keep the one before it from committing.
"""

import asyncio
from typing import TypeVar

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy.session import AsyncSqlSession, Work

T = TypeVar("T")


class LineSession(AsyncSqlSession):
    """A unit of work's connection, from its first statement to its end."""

    def __init__(self, engine: sa.Engine, turn: asyncio.Lock) -> None:
        self._engine = engine
        self._turn = turn
        self._connection: sa.Connection | None = None

    async def _run(self, work: Work[T]) -> T:
        if self._connection is None:
            await self._turn.acquire()
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
            self._turn.release()
