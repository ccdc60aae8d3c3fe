"""Bounds on our side: a connection that has gone silent is given up.

A peer that is gone without a word, behind a proxy that still acknowledges what it gets, keeps
whoever waits for an answer waiting: neither the server's limits nor TCP's help against it.
"""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy.errors import silent
from messagebus.adapters.sqlalchemy.thread import cancel_again

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

_OPTION = "messagebus_statement_timeout"


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
    connection.execution_options(**{_OPTION: seconds})
    driver: Any = connection.connection.driver_connection
    if hasattr(driver, "allowed"):
        driver.allowed = answer_timeout(seconds)


async def answered(
    flow: Coroutine[Any, Any, T],
    seconds: float,
    connection: "AsyncConnection | None" = None,
    *,
    committing: bool = False,
) -> T:
    """Await what talks to a server; cancel it where one answer takes longer than `seconds`.

    Raises `DatabaseUnavailableError` then: the connection is closed, and nobody waits for it.
    """
    loop = asyncio.get_running_loop()

    def allowed() -> float:
        sync = None if connection is None else connection.sync_connection
        given = None if sync is None else sync.get_execution_options().get(_OPTION)
        return seconds if given is None else answer_timeout(given)

    def wait_anew() -> None:
        if not scope.expired():
            scope.reschedule(loop.time() + allowed())

    scope = asyncio.timeout(seconds)
    try:
        async with scope:
            return await _Heard(flow, wait_anew)
    except TimeoutError as error:
        if not scope.expired():
            raise
        raise silent(allowed(), committing=committing) from error


async def finished(
    flow: Coroutine[Any, Any, T], connection: "AsyncConnection", *, committing: bool = False
) -> T:
    """Await what no cancellation may leave in doubt: it comes afterwards.

    A cancelled caller waits for `LAST_WORDS` seconds more: then the connection is closed, and with
    `committing` it is not known what became of the transaction.
    """
    task = asyncio.ensure_future(flow)
    cancelled = False
    while not task.done():
        try:
            await asyncio.wait([task], timeout=LAST_WORDS if cancelled else None)
            if not task.done():
                _abort(connection, task)
        except asyncio.CancelledError:
            cancelled = True
    if cancelled:
        cancel_again()
    if task.cancelled():
        raise silent(LAST_WORDS, committing=committing)
    return task.result()


def _abort(connection: "AsyncConnection", task: asyncio.Future[Any]) -> None:
    """Close the connection without a word to its server, which may be gone."""
    driver: Any = None
    with contextlib.suppress(Exception):
        driver = connection.sync_connection and connection.sync_connection.connection
        driver = driver and driver.driver_connection
    if hasattr(driver, "terminate"):
        driver.terminate()
    else:
        task.cancel()


class _Heard(Generic[T]):
    """A coroutine that tells before each wait that it begins to wait anew."""

    def __init__(self, flow: Coroutine[Any, Any, T], wait_anew: Callable[[], None]) -> None:
        self._flow = flow
        self._wait_anew = wait_anew

    def __await__(self) -> Generator[Any, Any, T]:
        steps = self._flow.__await__()
        reply: Any = None
        error: BaseException | None = None
        while True:
            try:
                awaited = steps.send(reply) if error is None else steps.throw(error)
            except StopIteration as end:
                result: T = end.value
                return result
            self._wait_anew()
            reply = error = None
            try:
                reply = yield awaited
            except BaseException as raised:
                error = raised
