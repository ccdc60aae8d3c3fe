"""Sessions: repositories `run` functions of a connection in their unit of work's transaction."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from messagebus.adapters.sqlalchemy.backends import backend_of
from messagebus.adapters.sqlalchemy.errors import connecting, translated
from messagebus.adapters.sqlalchemy.forks import forget_in_child, keep_for_parent
from messagebus.adapters.sqlalchemy.identities import IdentityMap
from messagebus.errors import TransactionError

T = TypeVar("T")
P = ParamSpec("P")
Work = Callable[[sa.Connection], T]
_ANY_STATEMENT = sa.select(1)


def raise_if_awaitable(result: T, function: object) -> T:
    """The result of a function of a connection; raise `TransactionError` for an awaitable."""
    if not hasattr(result, "__await__"):
        return result
    if isinstance(result, Coroutine):
        result.close()
    raise TransactionError(
        f"{getattr(function, '__qualname__', function)} returned an awaitable. A function that "
        "runs SQL isn't async, and nothing awaits its result. Remove `async` and `await` from it."
    )


class SqlSession:
    """The base of both variants: SQL runs only within a transaction."""

    entered = False
    failed = False
    commits = True
    """Whether `commit` is allowed: a consumer's handlers leave it to the consumer."""

    """Whether a statement has failed in this transaction."""

    models: IdentityMap
    """The models that this transaction has loaded and added, one for each row."""

    def enter(self) -> None:
        """Let statements run from now on, until `commit` or `rollback`."""
        self.entered, self.failed, self.commits = True, False, True
        self.models = IdentityMap()

    def call(
        self,
        connection: sa.Connection,
        function: Callable[Concatenate[sa.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Call the function; note a failed statement, and raise for an awaitable result."""
        try:
            return raise_if_awaitable(function(connection, *args, **kwargs), function)
        except DBAPIError:
            self.failed = True
            raise

    def raise_if_failed(self, connection: sa.Connection) -> None:
        """Raise the database's error if a failed statement has ended the transaction.

        PostgreSQL would answer the COMMIT with a rollback and no error.
        """
        if self.failed:
            connection.execute(_ANY_STATEMENT)

    def raise_if_outside(self, function: object) -> None:
        """Raise `TransactionError` for SQL outside of a transaction."""
        if not self.entered:
            raise TransactionError(
                f"{getattr(function, '__qualname__', function)} ran SQL outside of a transaction. "
                "A session works between `async with` and `commit()`. Move the call inside the "
                "block."
            )


class AsyncSqlSession(SqlSession, ABC):
    """One transaction at a time on an async database; its first statement begins it."""

    async def run(
        self,
        function: Callable[Concatenate[sa.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Call `function(connection, …)` in this transaction, without blocking the event loop.

        All statements of one function run in one call on a worker thread. Raises
        `RetryableTransactionError` if the transaction may succeed when it is run again,
        `DatabaseUnavailableError` if the database does not answer, and `TransactionError` outside
        of a transaction.
        """
        self.raise_if_outside(function)
        with translated():
            return await self._run(
                lambda connection: self.call(connection, function, *args, **kwargs)
            )

    async def commit(self, final: Work[Any] | None = None) -> None:
        """Do the final work and commit; a cancellation interrupts neither."""
        if not self.commits:
            raise TransactionError(
                "a handler tried to commit the consumer's transaction. The consumer commits it, "
                "with its inbox. Take the commit out of the handler."
            )
        with translated(committing=True):
            await self._commit(final)
        self.entered = False

    async def rollback(self) -> None:
        """Undo the transaction's changes."""
        self.entered = False
        with translated():
            await self._rollback()

    @abstractmethod
    async def _run(self, work: Work[T]) -> T:
        """Do the work on the transaction's connection, which the first work takes."""

    @abstractmethod
    async def _commit(self, final: Work[Any] | None) -> None:
        """Do the final work, commit and give the connection back."""

    @abstractmethod
    async def _rollback(self) -> None:
        """Roll back and give the connection back."""


class SyncSqlSession(SqlSession):
    """One transaction at a time on a blocking engine; its first statement begins it."""

    def __init__(self, engine: sa.Engine, *, read_only: bool) -> None:
        self._engine = engine
        self._read_only = read_only
        self._connection: sa.Connection | None = None
        forget_in_child(self)

    def forget(self) -> None:
        """Leave the transaction to the parent of this process."""
        keep_for_parent(self._connection)
        self._connection, self.entered = None, False

    def run(
        self,
        function: Callable[Concatenate[sa.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Call `function(connection, …)` in this transaction.

        Raises `RetryableTransactionError` if the transaction may succeed when it is run again,
        `DatabaseUnavailableError` if the database does not answer, and `TransactionError` outside
        of a transaction.
        """
        self.raise_if_outside(function)
        with translated():
            return self.call(self._begin(), function, *args, **kwargs)

    def commit(self, final: Work[Any] | None = None) -> None:
        """Do the final work and commit."""
        with translated(committing=True):
            if final is not None:
                final(self._begin())
            if self._connection is not None:
                self.raise_if_failed(self._connection)
                self._connection.commit()
        self._end()

    def rollback(self) -> None:
        """Undo the transaction's changes."""
        try:
            if self._connection is not None:
                with translated():
                    self._connection.rollback()
        finally:
            self._end()

    def _begin(self) -> sa.Connection:
        if self._connection is None:
            with connecting(self._engine.url):
                connection = self._engine.connect()
            try:
                if self._read_only:
                    backend_of(connection).make_read_only(connection)
                connection.begin()
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _end(self) -> None:
        self.entered = False
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
