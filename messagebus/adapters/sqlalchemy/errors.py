"""What a driver's error means for the transaction in which it was raised."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from messagebus.errors import TransactionError

_SERIALIZATION_FAILURE, _DEADLOCK, _LOCK_NOT_AVAILABLE = "40001", "40P01", "55P03"
_AGAIN = {_SERIALIZATION_FAILURE, _DEADLOCK, _LOCK_NOT_AVAILABLE}
_GOING_DOWN = {"57P01", "57P02", "57P03"}
"""SQLSTATE: shut down by its administrator, crashed, cannot be connected to now."""
_SQLITE_BUSY, _SQLITE_LOCKED = 5, 6
_SECRETS = ("password", "passfile", "sslpassword")


class RetryableTransactionError(TransactionError):
    """The database gave the transaction up for another one's sake, or could not lock in time.

    Nothing of it was kept, and it may well succeed the next time: run the whole unit of work
    again, as `retry_transaction` does. `__cause__` is the driver's error, wrapped by SQLAlchemy.
    """


class DatabaseUnavailableError(TransactionError):
    """No connection could be made, or the one in use broke; later units of work connect anew.

    The database has rolled the transaction back, unless it was just committing: whether that was
    kept can only be looked up. `__cause__` is the driver's error.
    """


def shown_url(url: sa.URL) -> str:
    """The URL as people may read it: without a password, wherever it stands."""
    return url.difference_update_query(_SECRETS).render_as_string(hide_password=True)


@contextmanager
def connecting(url: sa.URL) -> Generator[None, None, None]:
    """Raise what keeps a connection from being made as `DatabaseUnavailableError`."""
    try:
        yield
    except (DBAPIError, OSError, TypeError, ValueError, OverflowError) as error:
        if isinstance(error, DBAPIError) and _means_again(error.orig):
            raise
        reason = error.orig if isinstance(error, DBAPIError) else error
        raise DatabaseUnavailableError(
            f"no connection to {shown_url(url)}: {reason}; see that it runs, and lets this user in "
            "by this name and password."
        ) from error


@contextmanager
def translated(*, committing: bool = False) -> Generator[None, None, None]:
    """Raise a driver's error by what it means for the transaction, where that is known."""
    try:
        yield
    except DBAPIError as error:
        if _means_lost(error):
            kept = (
                "whether it was committed is not known" if committing else "nothing of it is kept"
            )
            raise DatabaseUnavailableError(
                f"the connection broke within a transaction: {error.orig}; {kept}: begin another "
                "unit of work, which connects anew, once the database answers."
            ) from error
        if not _means_again(error.orig):
            raise
        raise RetryableTransactionError(
            f"the database gave the transaction up: {error.orig}; another one was in its way, and "
            "nothing of this one was kept: run the whole unit of work again."
        ) from error


def _means_lost(error: DBAPIError) -> bool:
    state = str(getattr(error.orig, "sqlstate", None))
    return error.connection_invalidated or state in _GOING_DOWN or state.startswith("08")


def _means_again(driver: Any) -> bool:
    code = getattr(driver, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in (_SQLITE_BUSY, _SQLITE_LOCKED)
    return getattr(driver, "sqlstate", None) in _AGAIN
