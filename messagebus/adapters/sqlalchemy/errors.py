"""What a driver's error means for the transaction in which it was raised."""

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
_AGAIN = {_SERIALIZATION_FAILURE, _DEADLOCK, _LOCK_NOT_AVAILABLE}
_GOING_DOWN = {"57P01", "57P02", "57P03"}
"""SQLSTATE: shut down by its administrator, crashed, cannot be connected to now."""
_FEATURE_NOT_SUPPORTED, _CACHED_PLAN = "0A000", "RevalidateCachedQuery"
_CACHED_PLANS = {"InvalidCachedStatementError", "OutdatedSchemaCacheError"}
"""asyncpg's classes for what another transaction's `ALTER` has made of a prepared statement."""
_DATA_EXCEPTIONS = "22"
_SQLITE_ERROR, _SQLITE_BUSY, _SQLITE_LOCKED = 1, 5, 6


class RetryableTransactionError(TransactionError):
    """The database gave the transaction up for another one's sake, or could not lock in time.

    So it does where a table was altered under a prepared statement.
    Nothing of it was kept, and it may well succeed the next time: run the whole unit of work
    again, as `retry_transaction` does. `__cause__` is the driver's error, wrapped by SQLAlchemy.
    """


class DatabaseUnavailableError(TransactionError):
    """No connection could be made, or the one in use broke; later units of work connect anew.

    The database has rolled the transaction back, unless it was just committing: whether that was
    kept can only be looked up. `__cause__` is the driver's error.
    """


class StatementFailedError(TransactionError, DBAPIError):
    """The database refused a statement, or could not do it: its disk is full, its time is over.

    Nothing of the transaction is kept. It is a `DBAPIError` too, with the driver's error as `orig`;
    `__cause__` is SQLAlchemy's. `IntegrityError`, `DataError` and `ProgrammingError` stay as they
    are: they speak of the statement, and repositories catch them.
    """

    def __init__(self, error: DBAPIError) -> None:
        DBAPIError.__init__(self, error.statement, error.params, error.orig or error)

    def __str__(self) -> str:
        return (
            f"a statement failed: {self.orig}; the transaction cannot go on: leave its block, "
            "which rolls back, and see to what the database names."
        )


class MigrationError(MessageBusError):
    """A database's tables can't be migrated; they are as they were."""


class OtherRevisionError(MigrationError):
    """The database's tables are not those that this release works with."""


class UpgradeFailedError(MigrationError):
    """An upgrade that an operator asked for has failed; the message names the database."""


def shown_url(url: sa.URL) -> str:
    """The URL as people may read it: without its password, and without its options."""
    return url.set(query={}).render_as_string(hide_password=True)


@contextmanager
def connecting(url: sa.URL) -> Generator[None, None, None]:
    """Raise what keeps a connection from being made as `DatabaseUnavailableError`."""
    try:
        yield
    except PoolTimeoutError as error:
        raise DatabaseUnavailableError(
            f"no connection to {url.database} came free in time: {error}; each unit of work has "
            "one from its first statement to its end: end them sooner, or make the pool larger."
        ) from error
    except (DBAPIError, OSError, TypeError, ValueError, OverflowError) as error:
        if isinstance(error, DBAPIError) and _means_again(error.orig):
            raise
        reason = error.orig if isinstance(error, DBAPIError) else error
        remedy = "and lets this user in by this name and password"
        if url.get_backend_name() == "sqlite":
            remedy = "and that this user may write it and its folder"
        raise DatabaseUnavailableError(
            f"no connection to {shown_url(url)}: {str(reason) or 'it does not answer'}; "
            f"see that it is there, {remedy}."
        ) from error


@contextmanager
def translated(*, committing: bool = False) -> Generator[None, None, None]:
    """Raise a driver's error by what it means for the transaction."""
    try:
        yield
    except TransactionError:
        raise
    except PendingRollbackError as error:
        raise DatabaseUnavailableError(
            f"the connection broke earlier in this transaction: {error}; nothing of it is kept: "
            "begin another unit of work, which connects anew."
        ) from error
    except DBAPIError as error:
        if _means_lost(error):
            raise DatabaseUnavailableError(
                f"the connection broke within a transaction: {error.orig}; {_kept(committing)}: "
                "begin another unit of work, which connects anew, once the database answers."
            ) from error
        if _means_again(error.orig):
            raise RetryableTransactionError(
                f"the database gave the transaction up: {error.orig}; another one was in its way, "
                "and nothing of this one was kept: run the whole unit of work again."
            ) from error
        if isinstance(error, (IntegrityError, DataError, ProgrammingError)):
            raise
        raise StatementFailedError(error) from error


def silent(seconds: float, *, committing: bool = False) -> DatabaseUnavailableError:
    """The error of a connection that has not answered for so long, and was given up."""
    return DatabaseUnavailableError(
        f"the database has not answered for {seconds:g} s, and the connection was given up; "
        f"{_kept(committing)}: begin another unit of work, which connects anew."
    )


def tell_alike(context: ExceptionContext) -> BaseException | None:
    """Give one error one class, whatever the driver; for `handle_error` of an engine.

    SQLAlchemy has no class of its own for many of asyncpg's, and none for what is no `dbapi.Error`.
    """
    error = context.original_exception
    given = (context.statement, context.parameters, error)
    if _cached_plan(error):
        # The other connections have prepared the statement too: all of them are made anew.
        context.is_disconnect = True
    elif context.statement is None:
        return None
    elif isinstance(error, OSError):
        context.is_disconnect = True
        return OperationalError(*given, connection_invalidated=True)
    elif _means_data(error) and not isinstance(context.sqlalchemy_exception, DataError):
        return DataError(*given)
    elif _sqlite_code(error) == _SQLITE_ERROR:
        return ProgrammingError(*given)
    return None


def _kept(committing: bool) -> str:
    return "whether it was committed is not known" if committing else "nothing of it is kept"


def _means_lost(error: DBAPIError) -> bool:
    state = str(getattr(error.orig, "sqlstate", None))
    if _cached_plan(error.orig):
        return False
    return error.connection_invalidated or state in _GOING_DOWN or state.startswith("08")


def _means_again(driver: Any) -> bool:
    if _sqlite_code(driver) in (_SQLITE_BUSY, _SQLITE_LOCKED):
        return True
    return getattr(driver, "sqlstate", None) in _AGAIN or _cached_plan(driver)


def _sqlite_code(driver: Any) -> int | None:
    """SQLite's primary code, of which 1 is a wrong statement; PostgreSQL has classes for that."""
    code: int | None = getattr(driver, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF


def _means_data(error: BaseException) -> bool:
    """Whether a value is what the database cannot take, by SQLSTATE or by the driver's class."""
    if isinstance(error, (OverflowError, UnicodeError)):
        return True
    if isinstance(error.__cause__, ValueError):
        return True  # asyncpg's own DataError, before anything is sent
    return str(getattr(error, "sqlstate", None)).startswith(_DATA_EXCEPTIONS)


def _cached_plan(error: Any) -> bool:
    """Whether a prepared statement's plan is out of date, never told by the words of the error."""
    if type(getattr(error, "__cause__", None)).__name__ in _CACHED_PLANS:
        return True
    found = getattr(getattr(error, "diag", None), "source_function", None)
    return getattr(error, "sqlstate", None) == _FEATURE_NOT_SUPPORTED and found == _CACHED_PLAN
