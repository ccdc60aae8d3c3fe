"""psycopg's connections with a timeout for each answer of the server."""

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
"""Seconds between two checks of a wait's timeout."""


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that closes when the server hasn't answered for `timeout` seconds."""

    timeout = 60.0
    allowed: float | None = None
    """The timeout of this transaction's statements, if it has one of its own."""

    def wait(self, gen: PQGen[T], interval: float = _INTERVAL, timeout: float | None = None) -> T:
        """Wait for the server's answer; close the connection if it takes too long."""
        try:
            return super().wait(_bounded(gen, self.allowed or self.timeout), interval, timeout)
        except _UnansweredError:
            self.close()
            raise

    def commit(self) -> None:
        """Commit, and go back to the connection's own timeout."""
        super().commit()
        self.allowed = None

    def rollback(self) -> None:
        """Roll back, and go back to the connection's own timeout."""
        super().rollback()
        self.allowed = None


class AsyncBoundedConnection(psycopg.AsyncConnection[Any]):
    """The same for an event loop; a cancelled wait closes the connection too."""

    timeout = 60.0
    allowed: float | None = None
    """The timeout of this transaction's statements, if it has one of its own."""

    async def wait(self, gen: PQGen[T], interval: float = _INTERVAL, *_: object, **__: object) -> T:
        """Wait for the server's answer; a cancelled statement is cancelled on the server too."""
        bounded = _bounded(gen, self.allowed or self.timeout)
        try:
            return await waiting.wait_async(bounded, self.pgconn.socket, interval=interval)
        except asyncio.CancelledError:
            with contextlib.suppress(Exception):
                await self.cancel_safe(timeout=1)
            await self.close()
            raise
        except _UnansweredError:
            await self.close()
            raise

    async def commit(self) -> None:
        """Commit, and go back to the connection's own timeout."""
        await super().commit()
        self.allowed = None

    async def rollback(self) -> None:
        """Roll back, and go back to the connection's own timeout."""
        await super().rollback()
        self.allowed = None


async def connect_async(
    seconds: float, answer_seconds: float, *arguments: Any, **parameters: Any
) -> Any:
    """Connect for an event loop, within some seconds; answers may then take `answer_seconds`."""
    try:
        async with asyncio.timeout(seconds):
            connection = await AsyncBoundedConnection.connect(*arguments, **parameters)
    except TimeoutError as error:
        raise psycopg.OperationalError(f"no answer within {seconds:g} s") from error
    connection.timeout = answer_seconds
    return connection


def connect_within(connect: Callable[[], psycopg.Connection[Any]], seconds: float) -> Any:
    """Connect on a thread of its own: no library has a timeout for looking up a host's name."""
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


class _UnansweredError(psycopg.OperationalError):
    """The server has not answered in time."""


def _bounded(gen: PQGen[T], seconds: float) -> PQGen[T]:
    """Run the generator; raise `_UnansweredError` if the server is silent for so long."""
    try:
        waits_for = next(gen)
        last = monotonic()
        while True:
            ready = yield waits_for
            if ready:
                last = monotonic()
            elif monotonic() - last >= seconds:
                raise _UnansweredError(f"the server has not answered for {seconds:g} s")
            waits_for = gen.send(ready)
    except StopIteration as end:
        result: T = end.value
        return result
