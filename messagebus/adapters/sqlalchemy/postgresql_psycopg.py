"""Connections of psycopg, whose waits end."""

import asyncio
import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from time import monotonic
from typing import Any, TypeVar

import psycopg
from psycopg import waiting
from psycopg.abc import PQGen

T = TypeVar("T")
_INTERVAL = 0.1
"""Seconds after which a wait looks at the clock."""


class BoundedConnection(psycopg.Connection[Any]):
    """Gives a server up that has not answered for `timeout` seconds."""

    timeout = 60.0
    allowed: float | None = None
    """What a transaction allows its statements instead."""

    def wait(self, gen: PQGen[T], interval: float = _INTERVAL, timeout: float | None = None) -> T:
        """Let the server answer; close the connection where it does not."""
        try:
            return super().wait(_bounded(gen, self.allowed or self.timeout), interval, timeout)
        except _SilentError:
            self.close()
            raise

    def commit(self) -> None:
        """Commit, and go back to the limit of the connection."""
        super().commit()
        self.allowed = None

    def rollback(self) -> None:
        """Roll back, and go back to the limit of the connection."""
        super().rollback()
        self.allowed = None


class AsyncBoundedConnection(psycopg.AsyncConnection[Any]):
    """The same for an event loop; a wait that is cancelled closes the connection too."""

    timeout = 60.0
    allowed: float | None = None
    """What a transaction allows its statements instead."""

    async def wait(self, gen: PQGen[T], interval: float = _INTERVAL, *_: object, **__: object) -> T:
        """Let the server answer; a statement that is cancelled is cancelled there too."""
        bounded = _bounded(gen, self.allowed or self.timeout)
        try:
            return await waiting.wait_async(bounded, self.pgconn.socket, interval=interval)
        except asyncio.CancelledError:
            with contextlib.suppress(Exception):
                await self.cancel_safe(timeout=1)
            await self.close()
            raise
        except _SilentError:
            await self.close()
            raise

    async def commit(self) -> None:
        """Commit, and go back to the limit of the connection."""
        await super().commit()
        self.allowed = None

    async def rollback(self) -> None:
        """Roll back, and go back to the limit of the connection."""
        await super().rollback()
        self.allowed = None


async def connect_async(patience: float, seconds: float, *arguments: Any, **parameters: Any) -> Any:
    """Connect for an event loop, within a patience; answers may then take that many seconds."""
    try:
        async with asyncio.timeout(patience):
            connection = await AsyncBoundedConnection.connect(*arguments, **parameters)
    except TimeoutError as error:
        raise psycopg.OperationalError(f"no answer within {patience:g} s") from error
    connection.timeout = seconds
    return connection


def connect_within(connect: Callable[[], psycopg.Connection[Any]], seconds: float) -> Any:
    """Connect on a thread of its own: to look a host's name up has no bound in any library."""
    attempt: Future[psycopg.Connection[Any]] = Future()

    def make() -> None:
        try:
            made = connect()
        except BaseException as error:
            if attempt.set_running_or_notify_cancel():
                attempt.set_exception(error)
            return
        if attempt.set_running_or_notify_cancel():
            attempt.set_result(made)
        else:
            made.close()

    threading.Thread(target=make, name="sql-connect", daemon=True).start()
    try:
        return attempt.result(seconds)
    except TimeoutError as error:
        if not attempt.cancel():
            return attempt.result()
        raise psycopg.OperationalError(f"no answer within {seconds:g} s") from error


class _SilentError(psycopg.OperationalError):
    """The server has not answered in time."""


def _bounded(gen: PQGen[T], seconds: float) -> PQGen[T]:
    """The same steps; an error where none has brought anything for so long."""
    try:
        wanted = next(gen)
        heard = monotonic()
        while True:
            ready = yield wanted
            if ready:
                heard = monotonic()
            elif monotonic() - heard >= seconds:
                raise _SilentError(f"the server has not answered for {seconds:g} s")
            wanted = gen.send(ready)
    except StopIteration as end:
        result: T = end.value
        return result
