"""Every row of every table, and rows to be looked for."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

Contents = Mapping[str, Sequence[Mapping[str, Any]]]

NAMED = {
    "isbn": ("0-321-12521-5", "9780132350884"),
    "isbn_13": ("9780321125217", "9780132350884"),
    "type": ("register_book_v1", "book_reviewed_v1"),
    "kind": ("event", "command"),
    "payload": ('{"id": "a", "book_id": "b"}', '{"id": "c", "book_id": "d"}'),
    "headers": ("{}", '{"traceparent": "00"}'),
}
"""What a column of this name has in its two rows."""


def contents(connection: sa.Connection) -> Contents:
    """The rows of every table, but for Alembic's own, in an order of their own."""
    return {
        table.name: sorted(
            (dict(row) for row in connection.execute(sa.select(table)).mappings()), key=repr
        )
        for table in _tables(connection)
    }


def fill(connection: sa.Connection) -> None:
    """Insert two rows into every table; a foreign key refers to the row of the same number."""
    rows: dict[tuple[str, int], dict[str, Any]] = {}
    for table in _tables(connection):
        for number in (0, 1):
            row = {column.name: _value(column, number) for column in table.columns}
            for key in table.foreign_keys:
                row[key.parent.name] = rows[key.column.table.name, number][key.column.name]
            connection.execute(table.insert().values(row))
            rows[table.name, number] = row


def kept(before: Contents, after: Contents) -> Contents:
    """What is left after a migration of the tables and columns that were there before it."""
    return {
        name: sorted(({column: row[column] for column in rows[0]} for row in after[name]), key=repr)
        for name, rows in before.items()
    }


def _tables(connection: sa.Connection) -> Sequence[sa.Table]:
    found = sa.MetaData()
    found.reflect(connection)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def _value(column: sa.Column[Any], number: int) -> Any:
    match column.type:
        case sa.Uuid():
            return UUID(int=number + 1)
        case sa.Boolean():
            return True
        case sa.Integer():
            return number + 1
        case sa.DateTime(timezone=zoned):
            return datetime(2026, 11, 23, number, tzinfo=UTC if zoned else None)
        case sa.String(length=32) if column.name == "id" or column.name.endswith("_id"):
            return UUID(int=number + 1).hex
        case _ if column.name in NAMED:
            return NAMED[column.name][number]
        case _:
            return f"{column.name} {number}"
