"""A unit of work's way to its database: repositories `run` functions of a connection by it."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Coroutine
from typing import Any, Concatenate, ParamSpec, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from messagebus.adapters.sqlalchemy.errors import connecting, translated
from messagebus.adapters.sqlalchemy.forks import forget_in_child, keep_for_parent
from messagebus.adapters.sqlalchemy.identities import IdentityMap
from messagebus.adapters.sqlalchemy.sqlite_dialect import only_read
from messagebus.errors import TransactionError

T = TypeVar("T")
P = ParamSpec("P")
Work = Callable[[sa.Connection], T]
_ANYTHING = sa.select(1)


def plain(result: T, function: object) -> T:
    """The result of a function of a connection; raise `TransactionError` for one to be awaited."""
    if not hasattr(result, "__await__"):
        return result
    if isinstance(result, Coroutine):
        result.close()
    raise TransactionError(
        f"{getattr(function, '__qualname__', function)} returned something to await, and nobody "
        "would: a function that runs SQL is a plain one, take `async` and `await` out of it."
    )


class SqlSession:
    """What both colours of a session share: SQL runs within a transaction, and nowhere else."""

    entered = False
    shaken = False
    """A statement has failed in this transaction."""

    models: IdentityMap
    """What this transaction has loaded and added: each row is one model of it."""

    def enter(self) -> None:
        """Let statements run from now on, until `commit` or `rollback`."""
        self.entered, self.shaken = True, False
        self.models = IdentityMap()

    def called(
        self,
        connection: sa.Connection,
        function: Callable[Concatenate[sa.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Call it; note where a statement fails, and refuse what would have to be awaited."""
        try:
            return plain(function(connection, *args, **kwargs), function)
        except DBAPIError:
            self.shaken = True
            raise

    def require_sound(self, connection: sa.Connection) -> None:
        """Raise the database's error where a failed statement has ended the transaction.

        PostgreSQL would answer the COMMIT with a rollback, and no error.
        """
        if self.shaken:
            connection.execute(_ANYTHING)

    def refuse_outside(self, function: object) -> None:
        """Raise `TransactionError` for SQL that no transaction would end."""
        if not self.entered:
            raise TransactionError(
                f"{getattr(function, '__qualname__', function)} asked for SQL outside of a running "
                "transaction, which nobody would end: run it within the block, before the commit."
            )


class AsyncSqlSession(SqlSession, ABC):
    """One transaction at a time on an async database, begun by its first statement."""

    async def run(
        self,
        function: Callable[Concatenate[sa.Connection, P], T],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Call `function(connection, …)` in this transaction, which has begun, off the loop's time.

        All statements of one function cost one hop. Raises `RetryableTransactionError` where the
        database wants the transaction run again, `DatabaseUnavailableError` where it does not
        answer, `TransactionError` outside of one.
        """
        self.refuse_outside(function)
        with translated():
            return await self._run(
                lambda connection: self.called(connection, function, *args, **kwargs)
            )

    async def commit(self, last: Work[Any] | None = None) -> None:
        """Do the last work and commit, which a cancellation does not split."""
        with translated(committing=True):
            await self._commit(last)
        self.entered = False

    async def rollback(self) -> None:
        """Undo what the transaction has done, if it did anything."""
        self.entered = False
        with translated():
            await self._rollback()

    @abstractmethod
    async def _run(self, work: Work[T]) -> T:
        """Do the work on the transaction's connection, taken when it is first asked for."""

    @abstractmethod
    async def _commit(self, last: Work[Any] | None) -> None:
        """Do the last work, commit and let the connection go."""

    @abstractmethod
    async def _rollback(self) -> None:
        """Roll back and let the connection go."""


class SyncSqlSession(SqlSession):
    """One transaction at a time on a blocking engine, begun by its first statement."""

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
        """Call `function(connection, …)` in this transaction, which has begun.

        Raises `RetryableTransactionError` where the database wants the transaction run again,
        `DatabaseUnavailableError` where it does not answer, `TransactionError` outside of one.
        """
        self.refuse_outside(function)
        with translated():
            return self.called(self._begun(), function, *args, **kwargs)

    def commit(self, last: Work[Any] | None = None) -> None:
        """Do the last work and commit."""
        with translated(committing=True):
            if last is not None:
                last(self._begun())
            if self._connection is not None:
                self.require_sound(self._connection)
                self._connection.commit()
        self._end()

    def rollback(self) -> None:
        """Undo what the transaction has done, if it did anything."""
        try:
            if self._connection is not None:
                with translated():
                    self._connection.rollback()
        finally:
            self._end()

    def _begun(self) -> sa.Connection:
        if self._connection is None:
            with connecting(self._engine.url):
                connection = self._engine.connect()
            try:
                if self._read_only:
                    only_read(connection)
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
