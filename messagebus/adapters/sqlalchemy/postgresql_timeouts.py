"""Timeouts on the client's side, which close a connection whose server doesn't answer.

A server may disappear behind a proxy that still acknowledges packets. Then neither the server's
limits nor TCP's end a wait for its answer.
"""

import asyncio
import contextlib
from collections.abc import Coroutine
from time import monotonic
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

import sqlalchemy as sa
from sqlalchemy import event

from messagebus.adapters.sqlalchemy.cancellation import ShieldedTask, cancel_again
from messagebus.adapters.sqlalchemy.errors import unanswered

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")

STATEMENT_TIMEOUT = 30.0
"""Seconds after which PostgreSQL ends a statement."""

MARGIN = 2.0
"""Seconds more that the server's answer may take before the connection is closed."""

CLOSING_TIMEOUT = 3.0
"""Seconds for a rollback, and for a commit that is cancelled while it waits."""

_ANSWER = "messagebus_answer"


def answer_timeout(statement_timeout: float) -> float:
    """Seconds to wait for an answer: more than the server's limit for a statement.

    Without a limit on the server, the default limit counts.
    """
    return (statement_timeout or STATEMENT_TIMEOUT) + MARGIN


def allow_answers(connection: sa.Connection, seconds: float) -> None:
    """Adapt the timeout of this transaction's answers to a new limit of its statements."""
    driver: Any = connection.connection.driver_connection
    if hasattr(driver, "allowed"):
        driver.allowed = answer_timeout(seconds)
    elif (wait := connection.info.get(_ANSWER)) is not None:
        wait.seconds = answer_timeout(seconds)


class Wait:
    """One connection's wait for an answer: its start, and its timeout."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        """Seconds that the answer to one statement may take."""

        self.since: float | None = None
        """When the statement was sent, by the monotonic clock; `None` between two flows."""

        self.flows = 0
        """Unfinished flows: SQLAlchemy rejects a second one, which must not end the wait."""

        self.terminated = False

    def is_overdue(self, now: float) -> bool:
        """Whether the answer takes too long."""
        return self.since is not None and now - self.since > self.seconds


class Waits:
    """The waits of an engine's connections, for drivers without such a timeout.

    One timer checks all connections, so a statement only reads the clock.
    """

    def __init__(self, engine: sa.Engine, seconds: float, timeout: float) -> None:
        self.seconds = seconds
        self._timeout = timeout
        self._open = WeakKeyDictionary[Any, Wait]()
        self._timer: asyncio.TimerHandle | None = None
        # Before SQLAlchemy's own listener, which asks a new server for its version.
        event.listen(engine, "connect", self._connected, insert=True)
        for each in ("do_execute", "do_executemany", "do_execute_no_params"):
            event.listen(engine, each, _sent)

    def begin(self, connection: "AsyncConnection") -> None:
        """Give a connection that was just taken the engine's timeout."""
        if (wait := _wait_of(connection)) is not None:
            wait.seconds, wait.since = self.seconds, None

    async def bounded(
        self,
        connection: "AsyncConnection",
        flow: Coroutine[Any, Any, T],
        *,
        committing: bool = False,
    ) -> T:
        """Await a flow that talks to a server; close the connection if one answer takes too long.

        Raises `DatabaseUnavailableError` then.
        """
        wait = _wait_of(connection)
        if wait is None:
            return await flow
        wait.since = monotonic()
        wait.flows += 1
        if self._timer is None:
            self._check()
        try:
            return await flow
        except Exception as error:
            if wait.terminated:
                raise unanswered(wait.seconds, committing=committing) from error
            raise
        finally:
            wait.flows -= 1
            if not wait.flows:
                wait.since = None

    def stop(self) -> None:
        """Stop the timer: the loop has ended, or all connections are closed."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def terminate(self) -> None:
        """Close every connection without notice to its server, which may be gone."""
        for driver in [*self._open]:
            driver.terminate()

    def _connected(self, connection: Any, record: Any) -> None:
        driver = connection.driver_connection
        if hasattr(driver, "terminate"):
            record.info[_ANSWER] = self._open[driver] = wait = Wait(self._timeout + MARGIN)
            wait.since = monotonic()
            if self._timer is None:
                self._check()

    def _check(self) -> None:
        now = monotonic()
        waiting = [each for each in self._open.items() if each[1].since is not None]
        for driver, wait in waiting:
            if wait.is_overdue(now):
                wait.terminated = True
                driver.terminate()
        self._timer = None
        if waiting:
            pause = min(1.0, self.seconds / 4)
            self._timer = asyncio.get_running_loop().call_later(pause, self._check)


def _wait_of(connection: "AsyncConnection") -> Wait | None:
    """A connection's wait; `None` if its driver has its own timeout."""
    sync = connection.sync_connection
    wait: Wait | None = None if sync is None else sync.info.get(_ANSWER)
    return wait


def _sent(_cursor: Any, _statement: str, _parameters: Any, context: Any) -> None:
    try:
        wait = context.root_connection.info.get(_ANSWER)
    except NotImplementedError:  # SQLAlchemy's first statements on a new connection
        return
    if wait is not None and wait.since is not None:
        wait.since = monotonic()


async def answered(flow: Coroutine[Any, Any, T], seconds: float) -> T:
    """Await a flow that talks to a server; raise `DatabaseUnavailableError` if it takes longer."""
    scope = asyncio.timeout(seconds)
    try:
        async with scope:
            return await flow
    except TimeoutError as error:
        if not scope.expired():
            raise
        raise unanswered(seconds) from error


async def shielded_briefly(
    flow: Coroutine[Any, Any, T], connection: "AsyncConnection", *, committing: bool = False
) -> T:
    """Shield `flow` from cancellation, for `CLOSING_TIMEOUT` seconds after the first one.

    Then the connection is closed, and with `committing` it is not known whether the transaction
    was committed. The next `await` of a cancelled caller raises `CancelledError`.
    """
    task = _BoundedTask(flow, connection)
    try:
        return await task
    except asyncio.CancelledError:
        if task.timer is not None:
            cancel_again()
        if task.cancelled():
            raise unanswered(CLOSING_TIMEOUT, committing=committing) from None
        return task.result()
    finally:
        if task.timer is not None:
            task.timer.cancel()


class _BoundedTask(ShieldedTask[T]):
    """A shielded task that has `CLOSING_TIMEOUT` seconds left after a cancellation."""

    def __init__(self, flow: Coroutine[Any, Any, T], connection: "AsyncConnection") -> None:
        super().__init__(flow)
        self._connection = connection
        self.timer: asyncio.TimerHandle | None = None

    def cancel(self, msg: Any | None = None) -> bool:
        """Start the timer and return `False`: the task goes on."""
        if self.timer is None:
            self.timer = self.get_loop().call_later(CLOSING_TIMEOUT, self._abort)
        return super().cancel(msg)

    def _abort(self) -> None:
        """Close the connection without notice to its server, which may be gone."""
        driver: Any = None
        with contextlib.suppress(Exception):
            driver = (
                self._connection.sync_connection and self._connection.sync_connection.connection
            )
            driver = driver and driver.driver_connection
        if hasattr(driver, "terminate"):
            driver.terminate()
        else:
            asyncio.Task.cancel(self)
