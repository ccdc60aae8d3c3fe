"""Views and triggers of SQLite that use a missing table or column."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

_VIEWS = sa.text("SELECT name FROM sqlite_master WHERE type = 'view'")
_TABLES = sa.text("SELECT DISTINCT tbl_name FROM sqlite_master WHERE type = 'trigger'")
_COLUMNS = sa.text("SELECT name FROM pragma_table_info(:table)")


def unusable_names(connection: sa.Connection) -> set[str]:
    """The views that can't be read, and the tables that can't be written because of a trigger.

    `EXPLAIN` compiles statements and their triggers, and runs none.
    """
    names: set[str] = set()
    for view in connection.scalars(_VIEWS).all():
        if not _compiles(connection, sa.select(sa.text("*")).select_from(sa.table(view))):
            names.add(view)
    for table in connection.scalars(_TABLES).all():
        if not all(_compiles(connection, each) for each in _changes(connection, table)):
            names.add(table)
    return names


def _changes(connection: sa.Connection, name: str) -> Iterator[sa.ClauseElement]:
    columns = connection.scalars(_COLUMNS, {"table": name}).all()
    table = sa.table(name, *(sa.column(each) for each in columns))
    yield sa.delete(table)
    yield sa.insert(table).values({each: sa.null() for each in columns})
    yield sa.update(table).values({each: table.c[each] for each in columns})


def _compiles(connection: sa.Connection, statement: sa.ClauseElement) -> bool:
    try:
        connection.exec_driver_sql(f"EXPLAIN {statement.compile(connection)}")
    except DBAPIError:
        return False
    return True
