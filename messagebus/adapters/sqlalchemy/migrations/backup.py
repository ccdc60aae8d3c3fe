"""A copy of an SQLite file, made while nobody writes to it."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy.errors import MigrationError, shown_url

_FILE = sa.text("SELECT file FROM pragma_database_list WHERE name = 'main'")


def back_up(connection: sa.Connection, copy: Path) -> None:
    """Copy what is committed into a new file.

    The connection has the writer's lock, so the copy is what a migration begins with. Raises
    `MigrationError` where there is such a file, or none can be made.
    """
    if connection.dialect.name != "sqlite":
        url = shown_url(connection.engine.url.set(drivername=connection.dialect.name))
        raise MigrationError(
            f"a copy is kept of an SQLite file, and this is {connection.dialect.name}. Nothing was "
            f"changed: run `pg_dump --format=custom --file={copy} --dbname={url}`, and upgrade "
            "without a copy."
        )
    file = connection.scalar(_FILE)
    if not file:
        raise MigrationError(
            "a database in memory has no file to be copied: upgrade without the copy."
        )
    _make(copy, like=Path(file))
    try:
        # SQLite copies nothing by a connection that is within a transaction of its own.
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except BaseException as error:
        copy.unlink()
        if not isinstance(error, sqlite3.Error):
            raise
        raise MigrationError(
            f"no copy of {file} can be kept in {copy}: {error}. Nothing was changed: name a file "
            "where there is room."
        ) from error


def _make(copy: Path, *, like: Path) -> None:
    try:
        os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, like.stat().st_mode & 0o777))
    except FileExistsError as error:
        raise MigrationError(
            f"{copy} is there already, and no copy is written over it. Nothing was changed: name "
            "another file for the copy."
        ) from error
    except OSError as error:
        raise MigrationError(
            f"no copy can be kept in {copy}: {error.strerror}. Nothing was changed: name another "
            "file for the copy."
        ) from error
