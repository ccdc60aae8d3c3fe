"""Statements that PostgreSQL and SQLite both know, each by SQLAlchemy's construct for it."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

Statements = Mapping[str, sa.Insert]
"""The same statement for each database, by its dialect's name."""


def insert_unless_taken(table: sa.Table, columns: Sequence[str] | None = None) -> Statements:
    """An insert that does nothing where a row has the same `columns`, or any unique ones.

    It is the constraint that decides, and a transaction on PostgreSQL lives on, which an error
    would end. Another constraint than that of the columns is still an error.
    """
    statements = {
        "postgresql": postgresql.insert(table).on_conflict_do_nothing(index_elements=columns),
        "sqlite": sqlite.insert(table).on_conflict_do_nothing(index_elements=columns),
    }
    # psycopg forgets the number of rows with its cursor.
    return {
        name: statement.execution_options(preserve_rowcount=True)
        for name, statement in statements.items()
    }


def added(connection: sa.Connection, statements: Statements, row: Mapping[str, Any]) -> bool:
    """Insert a row; say whether it was new."""
    return connection.execute(statements[connection.dialect.name], row).rowcount == 1


def found(
    connection: sa.Connection, query: sa.Select[Any], values: Mapping[str, Any]
) -> sa.RowMapping | None:
    """The one row of a query, or none."""
    return connection.execute(query, values).mappings().one_or_none()
