"""SQLite files that this user may only read: opened without the files that SQLite adds otherwise.

A reader in WAL makes two files beside the database, and needs a folder that it may write. Files
that a reader leaves there would keep the file's owner from writing. So a file that nobody has open
is read as it is, and each transaction looks whether it is still the same when it ends.
"""

import os
import sqlite3
from pathlib import Path
from typing import Any, Self

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from messagebus.adapters.sqlalchemy.sqlite_dialect import only_reads

_BESIDE = ("-wal", "-journal")
"""Files that hold changes which the database's own file lacks."""


class ReadOnlyFile:
    """A database's file that this user may not write, or not in its folder."""

    def __init__(self, path: Path, refused: Path) -> None:
        self._path = path
        self._refused = refused
        self._seen = None if self._changing() else self._state()

    @classmethod
    def at(cls, path: str) -> Self | None:
        """The file at a path; `None` where it may be written, or is yet to be made."""
        file = Path(path).resolve()
        if file.is_file():
            for each in (file, file.parent):
                if not os.access(each, os.W_OK):
                    return cls(file, each)
        return None

    def guard(self, engine: sa.Engine) -> None:
        """Let the engine open the file for reading, refuse changes, and see those of others."""

        @event.listens_for(engine, "do_connect")
        def connect(_dialect: Any, _record: Any, _arguments: Any, parameters: Any) -> Any:
            how = "mode=ro" if self._seen is None else "mode=ro&immutable=1"
            return sqlite3.connect(f"{self._path.as_uri()}?{how}", uri=True, **parameters)

        @event.listens_for(engine, "begin")
        def begin(connection: sa.Connection) -> None:
            if not only_reads(connection):
                raise _error(
                    "BEGIN",
                    f"this user may not write {self._refused}; a change takes a file and a folder "
                    "that this user may write",
                )

        @event.listens_for(engine, "commit")
        @event.listens_for(engine, "rollback")
        def end(connection: sa.Connection) -> None:
            if self._seen is None or (not self._changing() and self._state() == self._seen):
                return
            driver: Any = connection.connection.driver_connection
            driver.rollback()
            raise _error(
                "COMMIT",
                f"{self._path} was written while it was read, and this user may not write "
                f"{self._refused}, which reading beside a writer takes; read it again when the "
                "writer has ended",
            )

    def _changing(self) -> bool:
        return any(Path(f"{self._path}{each}").exists() for each in _BESIDE)

    def _state(self) -> tuple[int, int, int]:
        found = self._path.stat()
        return found.st_ino, found.st_mtime_ns, found.st_size


def _error(statement: str, reason: str) -> OperationalError:
    return OperationalError(statement, None, sqlite3.OperationalError(reason))
