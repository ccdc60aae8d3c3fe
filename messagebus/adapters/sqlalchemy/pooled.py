"""A pool of connections behind SQLAlchemy's `AsyncEngine`: one for each unit of work."""

import asyncio
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy.engines import READS
from messagebus.adapters.sqlalchemy.errors import connecting, translated
from messagebus.adapters.sqlalchemy.sessions import AsyncSqlSession, Work, plain
from messagebus.adapters.sqlalchemy.thread import cancel_again

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

T = TypeVar("T")


class PooledSession(AsyncSqlSession):
    """A unit of work's connection, from its first statement to its end."""

    def __init__(self, engine: "AsyncEngine", *, read_only: bool) -> None:
        self._engine = engine
        self._read_only = read_only
        self._connection: AsyncConnection | None = None
        self._connecting = asyncio.Lock()

    async def _run(self, work: Work[T]) -> T:
        connection = self._connection or await self._connect()
        return await connection.run_sync(self._within, work)

    async def _commit(self, last: Work[Any] | None) -> None:
        if last is not None and self._connection is None:
            await self._connect()
        if self._connection is not None:
            await _finish(self._connection.run_sync(self._end_by, last))

    async def _rollback(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await _finish(connection.run_sync(_roll_back))

    async def _connect(self) -> "AsyncConnection":
        async with self._connecting:
            if self._connection is None:
                self._connection = await _connection_of(self._engine)
            return self._connection

    def _within(self, connection: sa.Connection, work: Work[T]) -> T:
        if not connection.in_transaction():
            if self._read_only:
                connection.execution_options(**READS)
            connection.begin()
        return work(connection)

    def _end_by(self, connection: sa.Connection, last: Work[Any] | None) -> None:
        if last is not None:
            last(connection)
        self.require_sound(connection)
        connection.commit()
        self._connection = None
        connection.close()


async def read(engine: "AsyncEngine", work: Work[T]) -> T:
    """Do work that only reads in a transaction of its own, which a cancellation may split."""
    with translated():
        connection = await _connection_of(engine)
        return await connection.run_sync(_whole, work)


async def with_connection(engine: "AsyncEngine", work: Work[T]) -> T:
    """Do work that begins and ends its own transactions."""
    with translated(committing=True):
        connection = await _connection_of(engine)
        try:
            return await connection.run_sync(work)
        finally:
            await _finish(connection.close())


async def _connection_of(engine: "AsyncEngine") -> "AsyncConnection":
    with connecting(engine.url):
        return await engine.connect()


def _whole(connection: sa.Connection, work: Work[T]) -> T:
    with connection.execution_options(**READS), connection.begin():
        return plain(work(connection), work)


def _roll_back(connection: sa.Connection) -> None:
    with connection:
        connection.rollback()


async def _finish(flow: Coroutine[Any, Any, None]) -> None:
    """Await what nobody may leave in doubt: a cancellation comes after it."""
    task = asyncio.ensure_future(flow)
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait([task])
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        cancel_again()
    task.result()
