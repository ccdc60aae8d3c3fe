"""Connections to an SQLite file for an event loop; their functions run on anyio's worker threads.

A call on a thread costs more than its SQL. So one `run` takes any number of statements, and the
call that commits also inserts the messages. A connection stays open, since taking one from
SQLAlchemy's pool costs as much as a transaction's statements.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar

import sqlalchemy as sa
from anyio import CapacityLimiter

from messagebus.adapters.sqlalchemy.cancellation import (
    ShieldedTask,
    call_in_thread,
    raise_cancellation,
)
from messagebus.adapters.sqlalchemy.errors import (
    DatabaseUnavailableError,
    connecting,
    translated,
)
from messagebus.adapters.sqlalchemy.session import Work, raise_if_awaitable
from messagebus.adapters.sqlalchemy.sqlite_files import mark_read_only
from messagebus.errors import TransactionError

T = TypeVar("T")


class SqliteConnection:
    """A connection that runs one function at a time, in the order of the calls."""

    def __init__(self, engine: sa.Engine, *, read_only: bool) -> None:
        self._engine = engine
        self._read_only = read_only
        self._options: Mapping[str, object] = {}
        self._connection: sa.Connection | None = None
        self._one_at_a_time = asyncio.Lock()
        self._limiter = CapacityLimiter(1)
        self._closed = ""

    def run(self, function: Callable[[], T]) -> Coroutine[Any, Any, T]:
        """Return a coroutine that calls the function on a thread, to its end, for its result.

        The next `await` of a cancelled caller raises `CancelledError`.
        """
        if self._closed:
            raise TransactionError(self._closed)
        return self._run(function)

    def close(self) -> Awaitable[None]:
        """Close the connection when the functions that were called before have ended."""
        closing = ShieldedTask(self._run(self.close_at_once))
        self._closed = (
            f"the database {self._engine.url.database} is closed. A unit of work ends before its "
            "database is closed. Close the database last."
        )
        return closing

    def forget(self) -> None:
        """Leave the connection to the parent of this process."""
        self._closed = (
            f"this unit of work's connection to {self._engine.url.database} belongs to the process "
            "that forked this one. Begin another unit of work here."
        )

    async def _run(self, function: Callable[[], T]) -> T:
        async with self._one_at_a_time:
            return await call_in_thread(function, self._limiter)

    # The methods below run on a thread.

    def begin(self) -> sa.Connection:
        """The connection, in a transaction, without options that an earlier one has set."""
        connection = self._connection or self._open()
        if connection.in_transaction():
            return connection
        if connection.get_execution_options() is not self._options:
            connection.close()
            connection = self._open()
        connection.begin()
        return connection

    def commit(self, final: Work[Any] | None) -> None:
        """Do the final work, and commit."""
        connection = self.begin()
        if final is not None:
            final(connection)
        connection.commit()

    def rollback(self) -> None:
        """Roll the transaction back."""
        if self._connection is not None:
            self._connection.rollback()

    def run_transaction(self, work: Work[T]) -> T:
        """Begin, do the work and commit; roll back if the work or the commit fails."""
        try:
            result = raise_if_awaitable(work(self.begin()), work)
            self.commit(None)
        except BaseException:
            self.rollback()
            raise
        return result

    def close_at_once(self) -> None:
        """Close the connection, and end its transaction."""
        if self._connection is not None:
            self._connection.close()

    def _open(self) -> sa.Connection:
        self._connection = None
        with connecting(self._engine.url):
            connection = self._engine.connect()
        if self._read_only:
            mark_read_only(connection)
        self._options = connection.get_execution_options()
        self._connection = connection
        return connection


class SqlitePool:
    """At most `limit` connections to one file, for one event loop, in order of request.

    Further requests wait on the loop: a writer that waited on a thread would keep the one before
    it from committing.
    """

    def __init__(
        self, engine: sa.Engine, *, limit: int, timeout: float, read_only: bool = False
    ) -> None:
        self._engine = engine
        self._timeout = timeout
        self._read_only = read_only
        self._turns = asyncio.Semaphore(limit)
        self._connections: list[SqliteConnection] = []
        self._free: list[SqliteConnection] = []

    async def take(self) -> SqliteConnection:
        """Wait for a connection; raise `DatabaseUnavailableError` if none becomes free in time."""
        if self._turns.locked():
            await self._wait()
        else:
            await self._turns.acquire()
        if not self._free:
            self._free.append(SqliteConnection(self._engine, read_only=self._read_only))
            self._connections += self._free
        return self._free.pop()

    def give_back(self, connection: SqliteConnection) -> None:
        """Return the connection to the pool, for the next unit of work."""
        self._free.append(connection)
        self._turns.release()

    async def run(self, work: Work[T]) -> T:
        """Do the work in a transaction of its own; a cancellation waits for its end."""
        connection = await self.take()
        try:
            with translated(committing=True):
                return await connection.run(lambda: connection.run_transaction(work))
        finally:
            self.give_back(connection)
            await raise_cancellation()

    async def close(self) -> None:
        """Close every connection when its functions have ended."""
        for closing in [connection.close() for connection in self._connections]:
            await closing

    def forget(self) -> None:
        """Leave every connection to the parent of this process."""
        for connection in self._connections:
            connection.forget()

    def close_at_once(self) -> None:
        """Close every connection of an event loop that has ended."""
        for connection in self._connections:
            connection.close_at_once()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._timeout):
                await self._turns.acquire()
        except TimeoutError as error:
            raise DatabaseUnavailableError(
                f"{self._engine.url.database} has been used by other units of work of this process "
                f"for {self._timeout:g} s. One unit of work writes at a time. End that one first, "
                "or pass read_only to a unit of work that only reads."
            ) from error
