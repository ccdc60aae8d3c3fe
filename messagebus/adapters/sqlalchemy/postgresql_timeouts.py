"""Bounds on our side: a connection that has gone silent is given up.

A peer that is gone without a word, behind a proxy that still acknowledges what it gets, keeps
whoever waits for an answer waiting: neither the server's limits nor TCP's help against it.
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
from messagebus.adapters.sqlalchemy.errors import silent

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

T = TypeVar("T")

PATIENCE = 10.0
"""Seconds that a unit of work waits for a connection, or for another writer of an SQLite file."""

POOL_SIZE = 10
"""Units of work that have a connection at once; more of them wait."""

STATEMENT_TIMEOUT = 30.0
"""Seconds after which PostgreSQL ends a statement."""

MARGIN = 2.0
"""Seconds more that the server's answer may take before the connection is given up."""

LAST_WORDS = 3.0
"""Seconds for a rollback, and for a commit that is cancelled while it waits."""

_ANSWER = "messagebus_answer"


def answer_timeout(statement_timeout: float) -> float:
    """How long we wait for an answer: longer than the server may take, also where it has no limit.

    Without a limit on the server it is that of the default.
    """
    return (statement_timeout or STATEMENT_TIMEOUT) + MARGIN


def allow_statements(connection: sa.Connection, seconds: float) -> None:
    """Let each statement of this transaction take that long, on the server and on our side.

    For a migration, say. On SQLite, where nothing ends a statement, it does nothing.
    """
    if connection.dialect.name != "postgresql":
        return
    limit = round(seconds * 1000)
    connection.execute(sa.select(sa.func.set_config("statement_timeout", str(limit), True)))
    driver: Any = connection.connection.driver_connection
    if hasattr(driver, "allowed"):
        driver.allowed = answer_timeout(seconds)
    elif (answer := connection.info.get(_ANSWER)) is not None:
        answer.seconds = answer_timeout(seconds)


class Answer:
    """What is known of one connection's waits: since when it waits, and how long it may."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        """How long the answer to one statement may take."""

        self.since: float | None = None
        """By the monotonic clock: when the statement was sent; `None` while no work is done."""

        self.flows = 0
        """Pieces of work under way; a second one is refused, and must not unbind the first."""

        self.given_up = False

    def is_overdue(self, now: float) -> bool:
        """Whether the server has said nothing for too long."""
        return self.since is not None and now - self.since > self.seconds


class Answers:
    """The answers for which an engine's connections wait, by drivers that have no bound themselves.

    One timer looks at all connections, so that a statement costs a look at the clock.
    """

    def __init__(self, engine: sa.Engine, seconds: float, patience: float) -> None:
        self.seconds = seconds
        self._patience = patience
        self._open = WeakKeyDictionary[Any, Answer]()
        self._timer: asyncio.TimerHandle | None = None
        # Before SQLAlchemy's own, which asks a new server for its version.
        event.listen(engine, "connect", self._connected, insert=True)
        for each in ("do_execute", "do_executemany", "do_execute_no_params"):
            event.listen(engine, each, _sent)

    def begin(self, connection: "AsyncConnection") -> None:
        """Note that a connection is made, and let its answers take as long as all may."""
        if (answer := _known(connection)) is not None:
            answer.seconds, answer.since = self.seconds, None

    async def bounded(
        self,
        connection: "AsyncConnection",
        flow: Coroutine[Any, Any, T],
        *,
        committing: bool = False,
    ) -> T:
        """Await what talks to a server; close the connection where one answer takes too long.

        Raises `DatabaseUnavailableError` then.
        """
        answer = _known(connection)
        if answer is None:
            return await flow
        answer.since = monotonic()
        answer.flows += 1
        if self._timer is None:
            self._look()
        try:
            return await flow
        except Exception as error:
            if answer.given_up:
                raise silent(answer.seconds, committing=committing) from error
            raise
        finally:
            answer.flows -= 1
            if not answer.flows:
                answer.since = None

    def stop(self) -> None:
        """Look no more: the loop has ended, or all connections are closed."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def give_up(self) -> None:
        """Close every connection without a word to its server, which may be gone."""
        for driver in [*self._open]:
            driver.terminate()

    def _connected(self, connection: Any, record: Any) -> None:
        driver = connection.driver_connection
        if hasattr(driver, "terminate"):
            record.info[_ANSWER] = self._open[driver] = answer = Answer(self._patience + MARGIN)
            answer.since = monotonic()
            if self._timer is None:
                self._look()

    def _look(self) -> None:
        now = monotonic()
        waiting = [each for each in self._open.items() if each[1].since is not None]
        for driver, answer in waiting:
            if answer.is_overdue(now):
                answer.given_up = True
                driver.terminate()
        self._timer = None
        if waiting:
            pause = min(1.0, self.seconds / 4)
            self._timer = asyncio.get_running_loop().call_later(pause, self._look)


def _known(connection: "AsyncConnection") -> Answer | None:
    """What is known of a connection's waits; `None` where its driver has a bound of its own."""
    sync = connection.sync_connection
    answer: Answer | None = None if sync is None else sync.info.get(_ANSWER)
    return answer


def _sent(_cursor: Any, _statement: str, _parameters: Any, context: Any) -> None:
    try:
        answer = context.root_connection.info.get(_ANSWER)
    except NotImplementedError:  # the engine's first look at the server, while it connects
        return
    if answer is not None and answer.since is not None:
        answer.since = monotonic()


async def answered(flow: Coroutine[Any, Any, T], seconds: float) -> T:
    """Await what talks to a server; cancel it, with `DatabaseUnavailableError`, if it is late."""
    scope = asyncio.timeout(seconds)
    try:
        async with scope:
            return await flow
    except TimeoutError as error:
        if not scope.expired():
            raise
        raise silent(seconds) from error


async def finished(
    flow: Coroutine[Any, Any, T], connection: "AsyncConnection", *, committing: bool = False
) -> T:
    """Await what no cancellation may leave in doubt: it comes afterwards.

    A cancelled caller waits for `LAST_WORDS` seconds more: then the connection is closed, and with
    `committing` it is not known what became of the transaction.
    """
    task = _BoundedTask(flow, connection)
    try:
        return await task
    except asyncio.CancelledError:
        if task.last_words is not None:
            cancel_again()
        if task.cancelled():
            raise silent(LAST_WORDS, committing=committing) from None
        return task.result()
    finally:
        if task.last_words is not None:
            task.last_words.cancel()


class _BoundedTask(ShieldedTask[T]):
    """A shielded task to which a cancellation leaves `LAST_WORDS` seconds."""

    def __init__(self, flow: Coroutine[Any, Any, T], connection: "AsyncConnection") -> None:
        super().__init__(flow)
        self._connection = connection
        self.last_words: asyncio.TimerHandle | None = None

    def cancel(self, msg: Any | None = None) -> bool:
        if self.last_words is None:
            self.last_words = self.get_loop().call_later(LAST_WORDS, self._abort)
        return super().cancel(msg)

    def _abort(self) -> None:
        """Close the connection without a word to its server, which may be gone."""
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
