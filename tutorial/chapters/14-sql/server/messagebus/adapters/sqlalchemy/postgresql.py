"""A pool of connections behind SQLAlchemy's `AsyncEngine`: one for each unit of work."""

from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from messagebus.adapters.sqlalchemy.session import AsyncSqlSession, Work

T = TypeVar("T")


class PooledSession(AsyncSqlSession):
    """A unit of work's connection, from its first statement to its end."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._connection: AsyncConnection | None = None

    async def _run(self, work: Work[T]) -> T:
        if self._connection is None:
            self._connection = await self._engine.connect()
        return await self._connection.run_sync(work)

    async def commit(self) -> None:
        """Commit the changes, and release the connection."""
        if self._connection is not None:
            await self._connection.commit()
        await self._end()

    async def rollback(self) -> None:
        """Undo the changes, and release the connection."""
        if self._connection is not None:
            await self._connection.rollback()
        await self._end()

    async def _end(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()
