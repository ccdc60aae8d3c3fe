"""Migrations of SQLite, where a table that `ALTER TABLE` can't change is made anew.

Alembic's batch mode fills a new table, drops the old one and renames the new one. With foreign keys
on, that drop deletes the rows of the table, and with them those that refer to them by
`ON DELETE CASCADE`. The table's triggers and the last value of its `AUTOINCREMENT` go with it too.
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
"""So many rows are named in an error, and the others counted."""


def foreign_keys_on(connection: sa.Connection) -> bool:
    """Whether SQLite enforces foreign keys on this connection."""
    return connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def run_without_foreign_keys(
    connection: sa.Connection, work: Callable[[sa.Connection], T]
) -> tuple[T, Sequence[BrokenReference]]:
    """Do the work in a transaction with foreign keys off, and check them before the commit.

    Returns the work's result, and the rows that broke a key before and still do. Raises
    `MigrationError` where others break one now; then nothing is changed. The connection must be
    outside of a transaction, since SQLite passes over the pragma within one.
    """
    with _pragmas(connection, foreign_keys=0, legacy_alter_table=0), _begun(connection):
        before, unusable = references(connection), unusable_names(connection)
        with _one_transaction(connection), _Recreations(connection).watched():
            result = work(connection)
        after = references(connection)
        if new := after.new_since(before):
            raise MigrationError(
                "the migration would leave rows that refer to rows that are not there: "
                f"{_listed(new)}. Nothing was changed: mend these rows or the revision, and "
                "upgrade again."
            )
        if names := unusable_names(connection) - unusable:
            raise MigrationError(
                "the migration would break these views, or triggers of these tables: "
                f"{', '.join(sorted(names))}. Nothing was changed: drop them in the revision "
                "before, and create them after."
            )
        return result, after.broken


@contextmanager
def _begun(connection: sa.Connection) -> Generator[None, None, None]:
    """A transaction that SQLite knows of, and that is over at the end whatever happened within."""
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
                    f"SQLite passes over PRAGMA {name} within a transaction: migrate on a "
                    "connection on which none has begun."
                )

    given = {name: value(name) for name in wanted}
    take(wanted)
    try:
        yield
    finally:
        if not connection.invalidated:
            take(given)


@contextmanager
def _one_transaction(connection: sa.Connection) -> Generator[None, None, None]:
    """Keep a revision from ending the transaction: nothing could be checked or undone any more."""
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
            "a revision begins or ends a transaction; all revisions of an upgrade run in one, so "
            "that it can be undone. Nothing was changed: leave commit(), executescript() and the "
            "like out of the revision."
        ) from error
    finally:
        driver.set_authorizer(None)


class _Dropped(NamedTuple):
    """What went with a table that was dropped."""

    triggers: Sequence[str]
    counts: bool
    """Whether its row ids are never given twice."""

    last: int
    """The highest that was given."""


class _Recreations:
    """Puts back what SQLite drops with a table, once a new one bears its name."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._dropped: dict[str, _Dropped] = {}

    @contextmanager
    def watched(self) -> Generator[None, None, None]:
        """Watch the connection's statements."""
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
            # Otherwise SQLite refuses the name where a view or a trigger speaks of the old table.
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
                f"the recreated table {table} has lost its AUTOINCREMENT, and would give ids a "
                "second time. Nothing was changed: say "
                'table_kwargs={"sqlite_autoincrement": True} in batch_alter_table.'
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
