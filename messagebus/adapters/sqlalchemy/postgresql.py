"""A pool of connections behind SQLAlchemy's `AsyncEngine`: one for each unit of work."""

import asyncio
import gc
import warnings
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy.errors import (
    connecting,
    shown_url,
    translated,
)
from messagebus.adapters.sqlalchemy.forks import (
    forget_in_child,
    keep_for_parent,
    leave_to_parent,
)
from messagebus.adapters.sqlalchemy.postgresql_timeouts import (
    LAST_WORDS,
    Answers,
    answer_timeout,
    answered,
    finished,
)
from messagebus.adapters.sqlalchemy.session import AsyncSqlSession, Work, plain
from messagebus.adapters.sqlalchemy.sqlite_dialect import only_read
from messagebus.errors import ConfigurationError

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

T = TypeVar("T")


class Connections:
    """An engine's connections, for one event loop of one process at a time, and their bounds."""

    def __init__(self, engine: "AsyncEngine", patience: float, statement_timeout: float) -> None:
        self.engine = engine
        self.timeout = answer_timeout(statement_timeout)
        """Seconds that the answer to a statement may take."""

        self._loop: asyncio.AbstractEventLoop | None = None
        self.answers = Answers(engine.sync_engine, self.timeout, patience)
        forget_in_child(self)

    async def connect(self) -> "AsyncConnection":
        """Take a connection; raise `DatabaseUnavailableError` where there is none in time."""
        self._belong_to(asyncio.get_running_loop())
        with connecting(self.engine.url):
            connection = await self.engine.connect()
        self.answers.begin(connection)
        return connection

    async def read(self, work: Work[T]) -> T:
        """Do work that only reads in a transaction of its own, which a cancellation may split."""
        with translated():
            connection = await self.connect()
            return await self.answers.bounded(connection, connection.run_sync(_whole, work))

    async def with_connection(self, work: Work[T]) -> T:
        """Do work that begins and ends its own transactions."""
        with translated(committing=True):
            connection = await self.connect()
            try:
                flow = connection.run_sync(work)
                return await self.answers.bounded(connection, flow, committing=True)
            finally:
                await finished(answered(connection.close(), LAST_WORDS), connection)

    async def close(self) -> None:
        """Close every connection; one whose server has gone silent, without a word to it."""
        try:
            async with asyncio.timeout(LAST_WORDS):
                await self.engine.dispose()
        except TimeoutError:
            self.answers.give_up()
            await self.engine.dispose(close=False)
        self.answers.stop()
        self._loop = None

    def forget(self) -> None:
        """Leave the connections to the parent of this process, which goes on with them."""
        leave_to_parent(self.engine.sync_engine)
        self.answers.stop()
        self._loop = None

    def _belong_to(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._loop is loop:
            return
        if self._loop is not None:
            if not self._loop.is_closed():
                raise ConfigurationError(
                    f"{shown_url(self.engine.url)} is in use by another event loop, and its "
                    "connections belong to that one: open a database for each loop, or close it "
                    "before the next loop uses it."
                )
            self._drop()
        self._loop = loop

    def _drop(self) -> None:
        """Close what a loop that has ended left open: nothing but the sockets can be, by now."""
        self.answers.stop()
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
        # A lock belongs to the loop in which somebody has waited for it.
        self._connecting = asyncio.Lock()

    def forget(self) -> None:
        """Leave the transaction to the parent of this process."""
        keep_for_parent(self._connection)
        self._connection, self.entered = None, False

    async def _run(self, work: Work[T]) -> T:
        connection = self._connection or await self._connect()
        flow = connection.run_sync(self._within, work)
        return await self._connections.answers.bounded(connection, flow)

    async def _commit(self, last: Work[Any] | None) -> None:
        connection = self._connection
        if last is not None and connection is None:
            connection = await self._connect()
        if connection is not None:
            flow = connection.run_sync(self._end_by, last)
            answers = self._connections.answers
            flow = answers.bounded(connection, flow, committing=True)
            await finished(flow, connection, committing=True)

    async def _rollback(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            timeout = min(LAST_WORDS, self._connections.timeout)
            await finished(answered(connection.run_sync(_roll_back), timeout), connection)

    async def _connect(self) -> "AsyncConnection":
        async with self._connecting:
            if self._connection is None:
                self._connection = await self._connections.connect()
            return self._connection

    def _within(self, connection: sa.Connection, work: Work[T]) -> T:
        if not connection.in_transaction():
            if self._read_only:
                only_read(connection)
            connection.begin()
        return work(connection)

    def _end_by(self, connection: sa.Connection, last: Work[Any] | None) -> None:
        if last is not None:
            last(connection)
        self.require_sound(connection)
        connection.commit()
        self._connection = None
        connection.close()


def _whole(connection: sa.Connection, work: Work[T]) -> T:
    with connection:
        only_read(connection)
        with connection.begin():
            return plain(work(connection), work)


def _roll_back(connection: sa.Connection) -> None:
    with connection:
        connection.rollback()
