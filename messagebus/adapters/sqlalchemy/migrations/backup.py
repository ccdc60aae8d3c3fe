"""Copies an SQLite file while no other process writes to it."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy.errors import MigrationError, shown_url

_FILE = sa.text("SELECT file FROM pragma_database_list WHERE name = 'main'")


def back_up(connection: sa.Connection, copy: Path) -> None:
    """Copy the committed rows into a new file.

    The connection has the write lock, so the copy is the state before the migration. Raises
    `MigrationError` if the file exists already, or can't be written.
    """
    if connection.dialect.name != "sqlite":
        url = shown_url(connection.engine.url.set(drivername=connection.dialect.name))
        raise MigrationError(
            f"only an SQLite file can be copied, and this is {connection.dialect.name}. Nothing "
            f"was changed. Run `pg_dump --format=custom --file={copy} --dbname={url}`, and upgrade "
            "without a copy."
        )
    file = connection.scalar(_FILE)
    if not file:
        raise MigrationError("a database in memory has no file to copy. Upgrade without a copy.")
    _make(copy, like=Path(file))
    try:
        # SQLite can't copy by a connection that is in a transaction.
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except BaseException as error:
        copy.unlink()
        if not isinstance(error, sqlite3.Error):
            raise
        raise MigrationError(
            f"{file} cannot be copied to {copy}: {error}. Nothing was changed. Name a file where "
            "there is room."
        ) from error


def _make(copy: Path, *, like: Path) -> None:
    try:
        os.close(os.open(copy, os.O_CREAT | os.O_EXCL | os.O_WRONLY, like.stat().st_mode & 0o777))
    except FileExistsError as error:
        raise MigrationError(
            f"{copy} exists already, and a copy overwrites no file. Nothing was changed. Name "
            "another file for the copy."
        ) from error
    except OSError as error:
        raise MigrationError(
            f"{copy} cannot be written: {error.strerror}. Nothing was changed. Name another file "
            "for the copy."
        ) from error
