"""What a driver's error means for the transaction in which it was raised."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.exc import DBAPIError

from messagebus.errors import TransactionError

_SERIALIZATION_FAILURE, _DEADLOCK, _LOCK_NOT_AVAILABLE = "40001", "40P01", "55P03"
_AGAIN = {_SERIALIZATION_FAILURE, _DEADLOCK, _LOCK_NOT_AVAILABLE}
_SQLITE_BUSY, _SQLITE_LOCKED = 5, 6


class RetryableTransactionError(TransactionError):
    """The database gave the transaction up for another one's sake, or could not lock in time.

    Nothing of it was kept, and it may well succeed the next time: run the whole unit of work
    again, as `retry_transaction` does. `__cause__` is the driver's error, wrapped by SQLAlchemy.
    """


@contextmanager
def translated() -> Generator[None, None, None]:
    """Raise a driver's error that means "run it again" as `RetryableTransactionError`."""
    try:
        yield
    except DBAPIError as error:
        if not _means_again(error.orig):
            raise
        raise RetryableTransactionError(
            f"the database gave the transaction up: {error.orig}; another one was in its way, and "
            "nothing of this one was kept: run the whole unit of work again."
        ) from error


def constraint_of(error: DBAPIError) -> str:
    """The name of the constraint that a statement broke, or the columns where SQLite tells those.

    PostgreSQL gives its name; SQLite lists columns, as in `books.isbn_13`. Empty where neither is
    known.
    """
    driver: Any = error.orig
    for each in (driver, getattr(driver, "__cause__", None), getattr(driver, "diag", None)):
        if name := getattr(each, "constraint_name", None):
            return str(name)
    return str(driver).partition("constraint failed: ")[2]


def _means_again(driver: Any) -> bool:
    code = getattr(driver, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in (_SQLITE_BUSY, _SQLITE_LOCKED)
    return getattr(driver, "sqlstate", None) in _AGAIN
