"""Migrations of SQLite, which recreate a table that `ALTER TABLE` can't change.

Alembic's batch mode fills a new table, drops the old one and renames the new one. With foreign keys
on, that drop deletes the table's rows, and the rows that refer to them by `ON DELETE CASCADE`. It
also drops the table's triggers and the last value of its `AUTOINCREMENT`.
"""

import re
import sqlite3
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from messagebus.adapters.sqlalchemy.errors import MigrationError
from messagebus.adapters.sqlalchemy.migrations.references import BrokenReference, references
from messagebus.adapters.sqlalchemy.migrations.unusable import unusable_names

T = TypeVar("T")

_NAME = r"(?:\w+\.)?[\"`\[]?([^\"`\];]+)[\"`\]]?\s*;?\s*$"
_DROP = re.compile(r"\s*DROP\s+TABLE\s+(?:IF\s+EXISTS\s+)?" + _NAME, re.IGNORECASE)
_RENAME = re.compile(r"\s*ALTER\s+TABLE\s+.+\s+RENAME\s+TO\s+" + _NAME, re.IGNORECASE)
_COUNTS = re.compile(r"\bAUTOINCREMENT\b", re.IGNORECASE)
_SHOWN = 10
"""The number of rows that an error names; the others are counted."""


def foreign_keys_on(connection: sa.Connection) -> bool:
    """Whether SQLite enforces foreign keys on this connection."""
    return connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def run_without_foreign_keys(
    connection: sa.Connection, work: Callable[[sa.Connection], T]
) -> tuple[T, Sequence[BrokenReference]]:
    """Do the work in a transaction with foreign keys off, and check them before the commit.

    Returns the work's result, and the rows that broke a key before and still do. Raises
    `MigrationError` if other rows break one now; the database is unchanged then. The connection
    must be outside of a transaction, since SQLite ignores the pragma within one.
    """
    with _pragmas(connection, foreign_keys=0, legacy_alter_table=0), _transaction(connection):
        before, unusable = references(connection), unusable_names(connection)
        with _one_transaction(connection), _Recreations(connection).listening():
            result = work(connection)
        after = references(connection)
        if new := after.new_since(before):
            raise MigrationError(
                f"the migration would leave rows that refer to missing rows: {_listed(new)}. "
                "Nothing was changed. Mend these rows or the revision, and upgrade again."
            )
        if names := unusable_names(connection) - unusable:
            raise MigrationError(
                "the migration would break these views, or triggers of these tables: "
                f"{', '.join(sorted(names))}. Nothing was changed. Drop them in the revision "
                "before, and create them after."
            )
        return result, after.broken


@contextmanager
def _transaction(connection: sa.Connection) -> Generator[None, None, None]:
    """A transaction that SQLite has begun, and that has ended at the end of the block."""
    pooled = connection.connection
    driver: Any = pooled.driver_connection
    with connection.begin():
        if not driver.in_transaction:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            pooled.rollback()
            raise


@contextmanager
def _pragmas(connection: sa.Connection, **wanted: int) -> Generator[None, None, None]:
    cursor = connection.connection.cursor()

    def value(name: str) -> Any:
        (found,) = cursor.execute(f"PRAGMA {name}").fetchone()
        return found

    def take(values: Mapping[str, int]) -> None:
        for name, each in values.items():
            cursor.execute(f"PRAGMA {name} = {each}")
            if value(name) != each:
                connection.invalidate()
                raise MigrationError(
                    f"SQLite ignores PRAGMA {name} within a transaction. Migrate on a connection "
                    "without one."
                )

    before = {name: value(name) for name in wanted}
    take(wanted)
    try:
        yield
    finally:
        if not connection.invalidated:
            take(before)


@contextmanager
def _one_transaction(connection: sa.Connection) -> Generator[None, None, None]:
    """Keep a revision from ending the transaction, which could then no longer be undone."""
    if connection.dialect.driver != "pysqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    ended = False

    def authorize(action: int, *_: object) -> int:
        nonlocal ended
        if action != sqlite3.SQLITE_TRANSACTION:
            return sqlite3.SQLITE_OK
        ended = True
        return sqlite3.SQLITE_DENY

    driver.set_authorizer(authorize)
    try:
        yield
    except (DBAPIError, sqlite3.Error) as error:
        if not ended:
            raise
        raise MigrationError(
            "a revision begins or ends a transaction. All revisions of an upgrade run in one, and "
            "nothing was changed. Remove commit(), executescript() and the like from the revision."
        ) from error
    finally:
        driver.set_authorizer(None)


class _Dropped(NamedTuple):
    """The properties of a dropped table that the new one gets."""

    triggers: Sequence[str]
    counts: bool
    """Whether the table has AUTOINCREMENT, and uses no row id twice."""

    last: int
    """The highest row id so far."""


class _Recreations:
    """Restores the triggers and the last row id of a dropped table when a new one has its name."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._dropped: dict[str, _Dropped] = {}

    @contextmanager
    def listening(self) -> Generator[None, None, None]:
        """Listen to the connection's statements within the block."""
        listeners = {
            "before_cursor_execute": self._before,
            "after_cursor_execute": self._after,
        }
        for name, listener in listeners.items():
            event.listen(self._connection, name, listener)
        try:
            yield
        finally:
            for name, listener in listeners.items():
                event.remove(self._connection, name, listener)

    def _before(self, connection: sa.Connection, cursor: object, sql: str, *_: object) -> None:
        if dropped := _DROP.match(sql):
            self._remember(dropped[1].strip())
        elif (renamed := _RENAME.match(sql)) and renamed[1].strip().lower() in self._dropped:
            # Otherwise SQLite rejects the name if a view or a trigger uses the old table.
            self._execute("PRAGMA legacy_alter_table = 1")

    def _after(self, connection: sa.Connection, cursor: object, sql: str, *_: object) -> None:
        if renamed := _RENAME.match(sql):
            self._execute("PRAGMA legacy_alter_table = 0")
            table = renamed[1].strip()
            if dropped := self._dropped.pop(table.lower(), None):
                self._put_back(table, dropped)

    def _remember(self, table: str) -> None:
        triggers = self._execute(
            "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) = ?",
            table.lower(),
        )
        counts = self._counts(table)
        last = counts and self._execute(
            "SELECT seq FROM sqlite_sequence WHERE lower(name) = ?", table.lower()
        )
        texts = [sql for (sql,) in triggers]
        self._dropped[table.lower()] = _Dropped(texts, counts, last[0][0] if last else 0)

    def _put_back(self, table: str, dropped: _Dropped) -> None:
        if dropped.counts:
            self._go_on_counting(table, dropped.last)
        for sql in dropped.triggers:
            self._execute(sql)

    def _go_on_counting(self, table: str, last: int) -> None:
        if not self._counts(table):
            raise MigrationError(
                f"the recreated table {table} has lost its AUTOINCREMENT, and would use row ids a "
                "second time. Nothing was changed. Pass "
                'table_kwargs={"sqlite_autoincrement": True} to batch_alter_table.'
            )
        name = table.lower()
        self._execute("DELETE FROM sqlite_sequence WHERE lower(name) = ? AND seq < ?", name, last)
        self._execute(
            "INSERT INTO sqlite_sequence (name, seq) SELECT name, ? FROM sqlite_master"
            " WHERE type = 'table' AND lower(name) = ? AND NOT EXISTS"
            " (SELECT 1 FROM sqlite_sequence WHERE lower(name) = ?)",
            last,
            name,
            name,
        )

    def _counts(self, table: str) -> bool:
        found = self._execute(
            "SELECT sql FROM sqlite_master WHERE type = 'table' AND lower(name) = ?", table.lower()
        )
        return bool(found and _COUNTS.search(found[0][0]))

    def _execute(self, sql: str, *parameters: object) -> Sequence[Any]:
        done = self._connection.exec_driver_sql(sql, parameters)
        return done.all() if done.returns_rows else []


def _listed(rows: Sequence[BrokenReference]) -> str:
    shown = "; ".join(str(each) for each in rows[:_SHOWN])
    return f"{shown}; and {len(rows) - _SHOWN} more" if len(rows) > _SHOWN else shown
