"""Rows of an SQLite database that refer to missing rows."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError


class ForeignKey(NamedTuple):
    """A foreign key by its table and columns: a recreated table gives it another number."""

    table: str
    columns: tuple[str, ...]
    parent: str


@dataclass(frozen=True)
class BrokenReference:
    """A row that refers to a missing row."""

    key: ForeignKey
    rowid: int | None
    """`None` in a table without row ids, and if the key itself can't be checked."""

    values: tuple[object, ...] = ()
    """The values of the row's columns, which refer to the missing row."""

    reason: str | None = None
    """The reason why the key can't be checked: its parent has no such column, or no unique one."""

    def __str__(self) -> str:
        """Table, row and parent."""
        if self.reason is not None:
            return self.reason
        row = "a row" if self.rowid is None else f"row {self.rowid}"
        return f"{self.key.table}, {row}: no such row of {self.key.parent}"


_TABLES = sa.text("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
_KEYS = sa.text('SELECT id, "from", "table" FROM pragma_foreign_key_list(:table) ORDER BY id, seq')
_CHECK = sa.text("SELECT rowid, fkid FROM pragma_foreign_key_check(:table)")


@dataclass(frozen=True)
class References:
    """The foreign keys of a database, and the rows that break one."""

    keys: Collection[ForeignKey]
    broken: Sequence[BrokenReference]

    def new_since(self, before: "References") -> Sequence[BrokenReference]:
        """The rows that break a key now and did not before.

        A row is identified by its key and its values, since a recreated table gives it another
        row id. If a table or a column was renamed, the values alone identify it.
        """
        same = Counter((each.key, each.values) for each in before.broken)
        others: list[BrokenReference] = []
        for each in self.broken:
            if same[each.key, each.values]:
                same[each.key, each.values] -= 1
            else:
                others.append(each)
        renamed = Counter(values for key, values in same.elements() if key not in self.keys)
        found: list[BrokenReference] = []
        for each in others:
            if each.key not in before.keys and renamed[each.values]:
                renamed[each.values] -= 1
            else:
                found.append(each)
        return found


def references(connection: sa.Connection) -> References:
    """Read the foreign keys of the database's tables, and check each of their rows."""
    keys: set[ForeignKey] = set()
    broken: list[BrokenReference] = []
    for table in connection.scalars(_TABLES).all():
        own = _keys_of(connection, table)
        keys.update(own.values())
        broken += _broken(connection, table, own)
    return References(keys, broken)


def _keys_of(connection: sa.Connection, table: str) -> dict[int, ForeignKey]:
    columns: dict[int, tuple[str, ...]] = {}
    parents: dict[int, str] = {}
    for number, column, parent in connection.execute(_KEYS, {"table": table}):
        columns[number] = (*columns.get(number, ()), column)
        parents[number] = parent
    return {number: ForeignKey(table, names, parents[number]) for number, names in columns.items()}


def _broken(
    connection: sa.Connection, table: str, keys: dict[int, ForeignKey]
) -> Sequence[BrokenReference]:
    if not keys:
        return []
    try:
        found = connection.execute(_CHECK, {"table": table}).all()
    except DBAPIError as error:
        # A mismatch: SQLite checks no such key, and rejects each change of the tables' rows.
        return [BrokenReference(ForeignKey(table, (), ""), None, reason=str(error.orig))]
    return [
        BrokenReference(keys[number], rowid, _values(connection, keys[number], rowid))
        for rowid, number in found
    ]


def _values(connection: sa.Connection, key: ForeignKey, rowid: int | None) -> tuple[object, ...]:
    if rowid is None:
        return ()
    columns: list[sa.ColumnClause[Any]] = [sa.column(name) for name in key.columns]
    row = sa.select(*columns).select_from(sa.table(key.table, *columns))
    found = connection.execute(row.where(sa.literal_column("rowid") == rowid)).first()
    # The row isn't found if the table has a column named rowid.
    return tuple(found) if found is not None else ()
