"""PostgreSQL, or another server by `AsyncEngine`, with a connection for each unit of work."""

import asyncio
import gc
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy.backends import backend_of
from messagebus.adapters.sqlalchemy.database import TIMEOUT, AsyncSqlDatabase
from messagebus.adapters.sqlalchemy.errors import connecting, shown_url, translated
from messagebus.adapters.sqlalchemy.forks import (
    forget_in_child,
    keep_for_parent,
    leave_to_parent,
)
from messagebus.adapters.sqlalchemy.postgresql_timeouts import (
    CLOSING_TIMEOUT,
    STATEMENT_TIMEOUT,
    Waits,
    answer_timeout,
    answered,
    shielded_briefly,
)
from messagebus.adapters.sqlalchemy.session import AsyncSqlSession, Work, raise_if_awaitable
from messagebus.errors import ConfigurationError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

T = TypeVar("T")


class Connections:
    """An engine's connections, for one event loop of one process at a time, and their timeouts."""

    def __init__(self, engine: "AsyncEngine", timeout: float, statement_timeout: float) -> None:
        self.engine = engine
        self.timeout = answer_timeout(statement_timeout)
        """Seconds that the answer to a statement may take."""

        self._loop: asyncio.AbstractEventLoop | None = None
        self.waits = Waits(engine.sync_engine, self.timeout, timeout)
        forget_in_child(self)

    async def connect(self) -> "AsyncConnection":
        """Take a connection; raise `DatabaseUnavailableError` if none becomes free in time."""
        self._belong_to(asyncio.get_running_loop())
        with connecting(self.engine.url):
            connection = await self.engine.connect()
        self.waits.begin(connection)
        return connection

    async def read(self, work: Work[T]) -> T:
        """Do reading work in its own transaction, which a cancellation may interrupt."""
        with translated():
            connection = await self.connect()
            return await self.waits.bounded(connection, connection.run_sync(_read, work))

    async def with_connection(self, work: Work[T]) -> T:
        """Do work that begins and ends its own transactions."""
        with translated(committing=True):
            connection = await self.connect()
            try:
                flow = connection.run_sync(work)
                return await self.waits.bounded(connection, flow, committing=True)
            finally:
                await shielded_briefly(answered(connection.close(), CLOSING_TIMEOUT), connection)

    async def close(self) -> None:
        """Close every connection; terminate those whose server doesn't answer in time."""
        try:
            async with asyncio.timeout(CLOSING_TIMEOUT):
                await self.engine.dispose()
        except TimeoutError:
            self.waits.terminate()
            await self.engine.dispose(close=False)
        self.waits.stop()
        self._loop = None

    def forget(self) -> None:
        """Leave the connections to the parent of this process, which goes on with them."""
        leave_to_parent(self.engine.sync_engine)
        self.waits.stop()
        self._loop = None

    def _belong_to(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is loop:
            return
        if self._loop is not None:
            if not self._loop.is_closed():
                raise ConfigurationError(
                    f"{shown_url(self.engine.url)} is in use by another event loop. Its "
                    "connections belong to that loop. Either open a database for each loop, or "
                    "close this one before the next loop uses it."
                )
            self._drop()
        self._loop = loop

    def _drop(self) -> None:
        """Close the sockets of a loop that has ended; nothing else of its connections can be."""
        self.waits.stop()
        self.engine.sync_engine.dispose(close=False)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()


class PooledSession(AsyncSqlSession):
    """A unit of work's connection, from its first statement to its end."""

    def __init__(self, connections: Connections, *, read_only: bool) -> None:
        self._connections = connections
        self._read_only = read_only
        self._connection: AsyncConnection | None = None
        self._connecting = asyncio.Lock()
        forget_in_child(self)

    def enter(self) -> None:
        """Let statements run from now on, until `commit` or `rollback`."""
        super().enter()
        # A lock belongs to the event loop of the first task that waited for it.
        self._connecting = asyncio.Lock()

    def forget(self) -> None:
        """Leave the transaction to the parent of this process."""
        keep_for_parent(self._connection)
        self._connection, self.entered = None, False

    async def _run(self, work: Work[T]) -> T:
        connection = self._connection or await self._connect()
        flow = connection.run_sync(self._call, work)
        return await self._connections.waits.bounded(connection, flow)

    async def _commit(self, final: Work[Any] | None) -> None:
        connection = self._connection
        if final is not None and connection is None:
            connection = await self._connect()
        if connection is not None:
            flow = connection.run_sync(self._end, final)
            waits = self._connections.waits
            flow = waits.bounded(connection, flow, committing=True)
            await shielded_briefly(flow, connection, committing=True)

    async def _rollback(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            timeout = min(CLOSING_TIMEOUT, self._connections.timeout)
            await shielded_briefly(answered(connection.run_sync(_roll_back), timeout), connection)

    async def _connect(self) -> "AsyncConnection":
        async with self._connecting:
            if self._connection is None:
                self._connection = await self._connections.connect()
            return self._connection

    def _call(self, connection: sa.Connection, work: Work[T]) -> T:
        if not connection.in_transaction():
            if self._read_only:
                backend_of(connection).make_read_only(connection)
            connection.begin()
        return work(connection)

    def _end(self, connection: sa.Connection, final: Work[Any] | None) -> None:
        if final is not None:
            final(connection)
        self.raise_if_failed(connection)
        connection.commit()
        self._connection = None
        connection.close()


class PooledDatabase(AsyncSqlDatabase):
    """A database behind SQLAlchemy's `AsyncEngine`: a connection for each unit of work.

    It serves one event loop after another, and a forked process beside its parent.
    """

    def __init__(
        self,
        engine: "AsyncEngine",
        *,
        timeout: float = TIMEOUT,
        statement_timeout: float = STATEMENT_TIMEOUT,
        transaction_pooling: bool = False,
    ) -> None:
        """The timeouts are those of `open_database`, for an engine that keeps them too."""
        self.engine = engine
        self.transaction_pooling = transaction_pooling
        self.connections = Connections(engine, timeout, statement_timeout)

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


def _read(connection: sa.Connection, work: Work[T]) -> T:
    with connection:
        backend_of(connection).make_read_only(connection)
        with connection.begin():
            return raise_if_awaitable(work(connection), work)


def _roll_back(connection: sa.Connection) -> None:
    with connection:
        connection.rollback()
