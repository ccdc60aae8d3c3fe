"""SQLite for the event loop: connections, each with a thread of its own, taken in turns.

What costs is neither the SQL nor SQLAlchemy but each hop to a thread and back. Hence a `run` that
takes any number of statements in one hop, and messages that are inserted in the hop that commits.
A connection stays open: taking one from a pool costs as much as a transaction's statements.
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, TypeVar

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy.errors import (
    DatabaseUnavailableError,
    connecting,
    translated,
)
from messagebus.adapters.sqlalchemy.sessions import AsyncSqlSession, Work, plain
from messagebus.adapters.sqlalchemy.sqlite_dialect import only_read
from messagebus.adapters.sqlalchemy.thread import WorkerThread, heed_cancellation

T = TypeVar("T")


class Line:
    """A connection and the thread that it works on."""

    def __init__(self, engine: sa.Engine, *, read_only: bool) -> None:
        self._engine = engine
        self._read_only = read_only
        self._options: Mapping[str, object] = {}
        self.thread = WorkerThread("sql-reader" if read_only else "sql-writer")

    @cached_property
    def connection(self) -> sa.Connection:
        """The connection, for the thread alone, opened when it first asks."""
        with connecting(self._engine.url):
            connection = self._engine.connect()
        if self._read_only:
            only_read(connection)
        self._options = connection.get_execution_options()
        return connection

    def begun(self) -> sa.Connection:
        """The connection, in a transaction; what an earlier one set on it is forgotten."""
        connection = self.connection
        if connection.in_transaction():
            return connection
        if connection.get_execution_options() is not self._options:
            connection.close()
            del self.connection
            connection = self.connection
        connection.begin()
        return connection

    def commit(self, last: Work[Any] | None) -> None:
        """Do the last work, and commit."""
        connection = self.begun()
        if last is not None:
            last(connection)
        connection.commit()

    def whole(self, work: Work[T]) -> T:
        """A transaction of one piece of work, from its beginning to its commit or rollback."""
        try:
            result = plain(work(self.begun()), work)
            self.connection.commit()
        except BaseException:
            self.connection.rollback()
            raise
        return result

    def close(self) -> None:
        """End the thread and close the connection."""
        self.thread.close()
        if "connection" in vars(self):
            self.connection.close()


class Lines:
    """At most `limit` lines to one file. Who asks for more waits on the loop, in order of arrival.

    A writer that waited on a thread would keep the one before it from committing.
    """

    def __init__(
        self, engine: sa.Engine, *, limit: int, patience: float, read_only: bool = False
    ) -> None:
        self._engine = engine
        self._patience = patience
        self._read_only = read_only
        self._turns = asyncio.Semaphore(limit)
        self._lines: list[Line] = []
        self._free: list[Line] = []

    async def take(self) -> Line:
        """Wait for a line; raise `DatabaseUnavailableError` where none comes free in time."""
        if self._turns.locked():
            await self._wait()
        else:
            await self._turns.acquire()
        if not self._free:
            self._free.append(Line(self._engine, read_only=self._read_only))
            self._lines += self._free
        return self._free.pop()

    def give_back(self, line: Line) -> None:
        """Let the next one have the line."""
        self._free.append(line)
        self._turns.release()

    async def run(self, work: Work[T]) -> T:
        """Do the work in a transaction of its own, in one hop, which a cancellation waits for."""
        line = await self.take()
        try:
            with translated(committing=True):
                return await line.thread.finish(lambda: line.whole(work))
        finally:
            self.give_back(line)
            await heed_cancellation()

    def close(self) -> None:
        """Close every line, once it has done what it was given."""
        for line in self._lines:
            line.close()

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(self._patience):
                await self._turns.acquire()
        except TimeoutError as error:
            raise DatabaseUnavailableError(
                f"{self._engine.url.database} has been used by other units of work of this process "
                f"for {self._patience:g} s; one writes at a time: end that one first, "
                "or say read_only for what only reads."
            ) from error


class LineSession(AsyncSqlSession):
    """A unit of work's line, from its first statement to its end."""

    def __init__(self, lines_of_loop: Callable[[], Lines]) -> None:
        self._lines_of_loop = lines_of_loop
        self._lines: Lines | None = None
        self._line: Line | None = None
        self._taking = asyncio.Lock()

    def enter(self) -> None:
        """Let statements run from now on, until `commit` or `rollback`."""
        super().enter()
        # A lock belongs to the loop in which somebody has waited for it.
        self._taking = asyncio.Lock()

    async def _run(self, work: Work[T]) -> T:
        line = self._line or await self._take()
        return await line.thread.hop(lambda: work(line.begun()))

    async def _commit(self, last: Work[Any] | None) -> None:
        if last is not None and self._line is None:
            await self._take()
        if (line := self._line) is not None:
            await line.thread.finish(lambda: line.commit(last))
            self._give_back()

    async def _rollback(self) -> None:
        if (line := self._line) is None:
            return
        try:
            await line.thread.hop(line.connection.rollback)
        finally:
            self._give_back()

    async def _take(self) -> Line:
        async with self._taking:
            if self._line is None:
                self._lines = self._lines_of_loop()
                self._line = await self._lines.take()
            return self._line

    def _give_back(self) -> None:
        line, self._line = self._line, None
        if line is not None and self._lines is not None:
            self._lines.give_back(line)
