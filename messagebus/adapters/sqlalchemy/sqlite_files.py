"""SQLite files that this process may only read, and files that it must not open after a fork.

A reader in WAL mode creates two files beside the database, and needs a writable folder. Files that
a reader leaves there would keep the file's owner from writing. So a file that no process has open
is read as immutable, and each transaction checks at its end that the file hasn't changed.
"""

import os
import sqlite3
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from messagebus.adapters.sqlalchemy.forks import forget_in_child, leave_to_parent
from messagebus.errors import ConfigurationError

_BESIDE = ("-wal", "-journal")
"""Files with changes that are not yet in the database's own file."""

_READ_ONLY = "messagebus_only_reads"
_OPEN_AT_FORK = set[tuple[int, int]]()
"""The files that the parent of this process had open when it forked."""


def mark_read_only(connection: sa.Connection) -> None:
    """Let the connection's transactions only read, until its pool has it back."""
    connection.info[_READ_ONLY] = True


def is_read_only(connection: Any) -> bool:
    """Whether the connection's transactions only read, for one of SQLAlchemy's or of its pool."""
    return _READ_ONLY in connection.info


def unmark_read_only(_connection: Any, record: Any) -> None:
    """Let the next transaction write; for `checkin` of a pool."""
    record.info.pop(_READ_ONLY, None)


class ForkedFile:
    """Rejects connections to a file in a process whose parent had it open at the fork.

    SQLite keeps a list of its process's locks in memory. A child inherits the list but not the
    locks, so the parent may delete the write-ahead log to which the child commits.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._path = Path(str(engine.url.database))
        self._open = 0
        event.listen(engine, "do_connect", self._raise_if_inherited)
        event.listen(engine, "connect", self._connected)
        event.listen(engine, "close", self._disconnected)
        forget_in_child(self)

    def forget(self) -> None:
        """Leave the connections to the parent of this process, and note their file."""
        leave_to_parent(self._engine)
        if self._open and (file := self._identity()):
            _OPEN_AT_FORK.add(file)

    def _raise_if_inherited(self, *_: object) -> None:
        if _OPEN_AT_FORK and self._identity() in _OPEN_AT_FORK:
            raise ConfigurationError(
                f"{self._path} was open in the parent of this process when it forked. SQLite's "
                "locks don't outlive a fork, so commits of this process could be lost. Close the "
                "database before the fork, or start the process by spawn."
            )

    def _connected(self, *_: object) -> None:
        self._open += 1

    def _disconnected(self, *_: object) -> None:
        self._open -= 1

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino


class ReadOnlyFile:
    """A database's file that this user may not write, or not in its folder."""

    def __init__(self, path: Path, unwritable: Path) -> None:
        self._path = path
        self._unwritable = unwritable
        self._first = None if self._is_changing() else self._state()

    @classmethod
    def at(cls, path: str) -> Self | None:
        """The file at a path; `None` if this user may write it, or if it doesn't exist yet."""
        file = Path(path).resolve()
        if file.is_file():
            for each in (file, file.parent):
                if not os.access(each, os.W_OK):
                    return cls(file, each)
        return None

    def guard(self, engine: sa.Engine) -> None:
        """Let the engine open the file for reading, reject changes, and detect those of others."""

        @event.listens_for(engine, "do_connect")
        def connect(_dialect: Any, _record: Any, _arguments: Any, parameters: Any) -> Any:
            mode = "mode=ro" if self._first is None else "mode=ro&immutable=1"
            return sqlite3.connect(f"{self._path.as_uri()}?{mode}", uri=True, **parameters)

        @event.listens_for(engine, "begin")
        def begin(connection: sa.Connection) -> None:
            if not is_read_only(connection):
                raise _error(
                    "BEGIN",
                    f"this user may not write {self._unwritable}. A change needs write access to "
                    "the file and its folder",
                )

        @event.listens_for(engine, "commit")
        @event.listens_for(engine, "rollback")
        def end(connection: sa.Connection) -> None:
            if self._first is None or (not self._is_changing() and self._state() == self._first):
                return
            driver: Any = connection.connection.driver_connection
            driver.rollback()
            raise _error(
                "COMMIT",
                f"{self._path} was written while it was read. Reading beside a writer needs write "
                f"access to {self._unwritable}. Read again when the writer has ended",
            )

    def _is_changing(self) -> bool:
        return any(Path(f"{self._path}{each}").exists() for each in _BESIDE)

    def _state(self) -> tuple[int, int, int]:
        found = self._path.stat()
        return found.st_ino, found.st_mtime_ns, found.st_size


def _error(statement: str, reason: str) -> OperationalError:
    return OperationalError(statement, None, sqlite3.OperationalError(reason))
