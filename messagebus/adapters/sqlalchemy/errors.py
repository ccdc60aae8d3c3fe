"""Translates a driver's error by its meaning for the transaction that raised it."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.exc import (
    DataError,
    DBAPIError,
    IntegrityError,
    OperationalError,
    PendingRollbackError,
    ProgrammingError,
)
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from messagebus.errors import MessageBusError, TransactionError

_SERIALIZATION_FAILURE, _DEADLOCK, _LOCK_NOT_AVAILABLE = "40001", "40P01", "55P03"
_RETRYABLE = {_SERIALIZATION_FAILURE, _DEADLOCK, _LOCK_NOT_AVAILABLE}
_GOING_DOWN = {"57P01", "57P02", "57P03"}
"""SQLSTATE of a server that was shut down, has crashed, or accepts no connection now."""
_FEATURE_NOT_SUPPORTED, _CACHED_PLAN = "0A000", "RevalidateCachedQuery"
_CACHED_PLANS = {"InvalidCachedStatementError", "OutdatedSchemaCacheError"}
"""asyncpg's classes for a prepared statement that another transaction's `ALTER` made invalid."""
_DATA_EXCEPTIONS = "22"
_SQLITE_ERROR, _SQLITE_BUSY, _SQLITE_LOCKED = 1, 5, 6


class RetryableTransactionError(TransactionError):
    """The database rolled the transaction back in favour of another, or could not lock in time.

    A table that was altered under a prepared statement is a third cause. No change is kept, and
    the next try may succeed: run the whole unit of work again, as `retry_transaction` does.
    `__cause__` is the driver's error, wrapped by SQLAlchemy.
    """


class DatabaseUnavailableError(TransactionError):
    """The connection could not be made, or broke in use; later units of work connect again.

    The database has rolled the transaction back, unless it was committing: then only the database's
    content tells whether it was committed. `__cause__` is the driver's error.
    """


class StatementFailedError(TransactionError, DBAPIError):
    """The database couldn't run a statement: its disk is full, or the statement took too long.

    No change of the transaction is kept. It is a `DBAPIError` too, with the driver's error as
    `orig`; `__cause__` is SQLAlchemy's. `IntegrityError`, `DataError` and `ProgrammingError` are
    not translated: they concern the statement, and repositories catch them.
    """

    def __init__(self, error: DBAPIError) -> None:
        DBAPIError.__init__(self, error.statement, error.params, error.orig or error)

    def __str__(self) -> str:
        return (
            f"a statement failed: {self.orig}. The transaction can't go on. Leave its block, which "
            "rolls back, and remove the cause that the database names."
        )


class MigrationError(MessageBusError):
    """A database's tables can't be migrated; they are as they were."""


class OtherRevisionError(MigrationError):
    """The database's tables are not those that this release works with."""


class UpgradeFailedError(MigrationError):
    """An operator's upgrade has failed; the message names the database."""


class StorageError(MessageBusError):
    """A database cannot be used; the message names it and says why."""


@contextmanager
def storage_errors(name: str) -> Generator[None, None, None]:
    """Raise each error of a database that the block does not catch as a `StorageError`.

        with storage_errors("parcels.db"):
            await database.run(work)

    `name` is what the message calls the database.
    """
    try:
        yield
    except (DatabaseUnavailableError, UpgradeFailedError) as error:
        raise StorageError(str(error)) from error
    except (DBAPIError, RetryableTransactionError, MigrationError) as error:
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise StorageError(f"the database {name} cannot be used: {reason}") from error


def shown_url(url: sa.URL) -> str:
    """The URL for logs and errors, without its password and its options."""
    return url.set(query={}).render_as_string(hide_password=True)


@contextmanager
def connecting(url: sa.URL) -> Generator[None, None, None]:
    """Raise `DatabaseUnavailableError` if a connection can't be made."""
    try:
        yield
    except PoolTimeoutError as error:
        raise DatabaseUnavailableError(
            f"no connection to {url.database} became free in time: {error}. Each unit of work "
            "keeps one from its first statement to its end. End them sooner, or enlarge the pool."
        ) from error
    except (DBAPIError, OSError, TypeError, ValueError, OverflowError) as error:
        if isinstance(error, DBAPIError) and _is_retryable(error.orig):
            raise
        reason = error.orig if isinstance(error, DBAPIError) else error
        remedy = "and lets this user in by this name and password"
        if url.get_backend_name() == "sqlite":
            remedy = "and that this user may write it and its folder"
        raise DatabaseUnavailableError(
            f"no connection to {shown_url(url)}: {str(reason) or 'it does not answer'}. "
            f"Make sure that it is there, {remedy}."
        ) from error


@contextmanager
def translated(*, committing: bool = False) -> Generator[None, None, None]:
    """Translate a driver's error by its meaning for the transaction."""
    try:
        yield
    except TransactionError:
        raise
    except PendingRollbackError as error:
        raise DatabaseUnavailableError(
            f"the connection broke earlier in this transaction: {error}. No change is kept. Begin "
            "another unit of work, which connects again."
        ) from error
    except DBAPIError as error:
        if _is_lost(error):
            raise DatabaseUnavailableError(
                f"the connection broke within a transaction: {error.orig}. {_outcome(committing)} "
                "Begin another unit of work when the database answers again."
            ) from error
        if _is_retryable(error.orig):
            raise RetryableTransactionError(
                f"the database rolled the transaction back: {error.orig}. It conflicted with "
                "another one, and no change is kept. Run the whole unit of work again."
            ) from error
        if isinstance(error, (IntegrityError, DataError, ProgrammingError)):
            raise
        raise StatementFailedError(error) from error


def unanswered(seconds: float, *, committing: bool = False) -> DatabaseUnavailableError:
    """The error of a connection that was closed because the database did not answer in time."""
    return DatabaseUnavailableError(
        f"the database has not answered for {seconds:g} s, so the connection is closed. "
        f"{_outcome(committing)} Begin another unit of work, which connects again."
    )


def translate_driver_error(context: ExceptionContext) -> BaseException | None:
    """Give an error the same class for each driver; for `handle_error` of an engine.

    SQLAlchemy has no class for many of asyncpg's errors, nor for errors outside of `dbapi.Error`.
    """
    error = context.original_exception
    arguments = (context.statement, context.parameters, error)
    if _is_cached_plan(error):
        # The pool replaces all connections, since others have prepared the statement too.
        context.is_disconnect = True
    elif context.statement is None:
        return None
    elif isinstance(error, OSError):
        context.is_disconnect = True
        return OperationalError(*arguments, connection_invalidated=True)
    elif _is_about_data(error) and not isinstance(context.sqlalchemy_exception, DataError):
        return DataError(*arguments)
    elif _sqlite_code(error) == _SQLITE_ERROR:
        return ProgrammingError(*arguments)
    return None


def _outcome(committing: bool) -> str:
    if committing:
        return "It is not known whether it was committed."
    return "No change is kept."


def _is_lost(error: DBAPIError) -> bool:
    state = str(getattr(error.orig, "sqlstate", None))
    if _is_cached_plan(error.orig):
        return False
    return error.connection_invalidated or state in _GOING_DOWN or state.startswith("08")


def _is_retryable(driver: Any) -> bool:
    if _sqlite_code(driver) in (_SQLITE_BUSY, _SQLITE_LOCKED):
        return True
    return getattr(driver, "sqlstate", None) in _RETRYABLE or _is_cached_plan(driver)


def _sqlite_code(driver: Any) -> int | None:
    """SQLite's primary error code; `None` for an error of another driver."""
    code: int | None = getattr(driver, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _is_about_data(error: BaseException) -> bool:
    """Whether the database can't take a value, by SQLSTATE or by the driver's class."""
    if isinstance(error, (OverflowError, UnicodeError)):
        return True
    if isinstance(error.__cause__, ValueError):
        return True  # asyncpg's own DataError, before anything is sent
    return str(getattr(error, "sqlstate", None)).startswith(_DATA_EXCEPTIONS)


def _is_cached_plan(error: Any) -> bool:
    """Whether a prepared statement's plan is out of date, in any language of the error's text."""
    if type(getattr(error, "__cause__", None)).__name__ in _CACHED_PLANS:
        return True
    found = getattr(getattr(error, "diag", None), "source_function", None)
    return getattr(error, "sqlstate", None) == _FEATURE_NOT_SUPPORTED and found == _CACHED_PLAN
