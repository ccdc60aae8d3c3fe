"""One object for each database, with all that differs between databases in shared code."""

import json
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from messagebus.adapters.sqlalchemy.postgresql_timeouts import allow_answers
from messagebus.adapters.sqlalchemy.sqlite_files import mark_read_only

Rows = Sequence[sa.Row[Any]]

_MAX_INTERVAL = timedelta(days=500_000)
"""Longer than any retention, and short enough for both databases' arithmetic."""


class Backend:
    """A database without special cases, as SQLAlchemy knows it."""

    def make_read_only(self, connection: sa.Connection) -> None:
        """Let the connection's transactions only read, until its pool has it back."""

    def before_now(self, time: timedelta) -> sa.ColumnElement[Any]:
        """The time so long ago, by the database's clock, which all writers of a table share."""
        return sa.func.now() - min(time, _MAX_INTERVAL)

    def insert(self, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
        """An `INSERT` that knows `ON CONFLICT`."""
        return postgresql.insert(table)

    def among(self, column: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
        """Whether the column is one of the parameter `positions`."""
        return column.in_(sa.bindparam("positions", expanding=True))

    def parameter(self, positions: Sequence[int]) -> object:
        """The parameter `positions` of `among`."""
        return [*positions]

    def fetch(
        self,
        connection: sa.Connection,
        query: sa.Select[Any],
        parameters: Mapping[str, Any] | None = None,
    ) -> Rows:
        """All rows; bytes that are no UTF-8 become lone surrogates, so that a row can be named."""
        return connection.execute(query, parameters).all()

    def prefer_indexes(self, connection: sa.Connection) -> None:
        """Let this transaction walk an index from its beginning, and stop after a batch."""

    def lock_appends(self, connection: sa.Connection, table: sa.Table) -> None:
        """Let one transaction at a time append to the table, so that readers miss no row."""

    def allow_statements(self, connection: sa.Connection, seconds: float) -> None:
        """Let each statement of this transaction take that long."""


class SqliteBackend(Backend):
    """SQLite, where a file has one writer at a time and a column stores any bytes."""

    def make_read_only(self, connection: sa.Connection) -> None:
        """Let the connection's transactions only read, until its pool has it back."""
        mark_read_only(connection)

    def before_now(self, time: timedelta) -> sa.ColumnElement[Any]:
        """The time so long ago, by the database's clock, which all writers of a table share."""
        return sa.func.datetime("now", f"-{min(time, _MAX_INTERVAL).total_seconds()} seconds")

    def insert(self, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
        """An `INSERT` that knows `ON CONFLICT`."""
        return sqlite.insert(table)

    def among(self, column: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
        """Whether the column is one of the parameter `positions`, which is compiled once."""
        listed = sa.func.json_each(sa.bindparam("positions")).table_valued("value")
        return column.in_(sa.select(listed.c.value))

    def parameter(self, positions: Sequence[int]) -> object:
        """The parameter `positions` of `among`."""
        return json.dumps([*positions])

    def fetch(
        self,
        connection: sa.Connection,
        query: sa.Select[Any],
        parameters: Mapping[str, Any] | None = None,
    ) -> Rows:
        """All rows; bytes that are no UTF-8 become lone surrogates, so that a row can be named."""
        try:
            return super().fetch(connection, query, parameters)
        except OperationalError as error:
            # An error of SQLite has a code; an error of its driver's decoding has none.
            if hasattr(error.orig, "sqlite_errorcode"):
                raise
        with _surrogates(connection):
            return super().fetch(connection, query, parameters)


class PostgresqlBackend(Backend):
    """PostgreSQL, where writers are under way at once and statements have limits."""

    def make_read_only(self, connection: sa.Connection) -> None:
        """Let the connection's transactions only read, until its pool has it back."""
        connection.execution_options(postgresql_readonly=True)

    def among(self, column: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
        """Whether the column is one of the parameter `positions`, which is compiled once."""
        array = sa.bindparam("positions", type_=postgresql.ARRAY(sa.BigInteger))
        return column == sa.func.any(array)

    def prefer_indexes(self, connection: sa.Connection) -> None:
        """Let this transaction walk an index from its beginning, and stop after a batch.

        PostgreSQL's statistics expect few waiting rows; it would gather and sort all of them.
        """
        unwanted = ("enable_bitmapscan", "enable_seqscan", "enable_sort")
        connection.execute(sa.select(*(sa.func.set_config(name, "off", True) for name in unwanted)))

    def lock_appends(self, connection: sa.Connection, table: sa.Table) -> None:
        """Let one transaction at a time append to the table, so that readers miss no row.

        Readers go by position, and two transactions may commit in another order than that.
        """
        lock = crc32(name_on_server(connection, table).encode())
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))

    def allow_statements(self, connection: sa.Connection, seconds: float) -> None:
        """Let each statement of this transaction take that long."""
        limit = str(round(seconds * 1000))
        connection.execute(sa.select(sa.func.set_config("statement_timeout", limit, True)))
        allow_answers(connection, seconds)


_BACKENDS = {"sqlite": SqliteBackend(), "postgresql": PostgresqlBackend()}
_OTHER = Backend()


def backend_of(connection: sa.Connection) -> Backend:
    """The object for the database of a connection."""
    return _BACKENDS.get(connection.dialect.name, _OTHER)


def allow_statements(connection: sa.Connection, seconds: float) -> None:
    """Let each statement of this transaction take that long, on the server and on our side.

    A migration needs it, for example. On SQLite, which has no such limit, it does nothing.
    """
    backend_of(connection).allow_statements(connection, seconds)


_SCHEMA = sa.text(
    """
    SELECT coalesce(
        (SELECT nspname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
         WHERE pg_class.oid = to_regclass(:table)),
        current_schema()
    )
    """
)
"""The schema of a table, or the one in which it would be created."""


def name_on_server(connection: sa.Connection, table: sa.Table) -> str:
    """The table's name for PostgreSQL's locks, the same for each connection's search path.

    It has its schema in front, unless that is `public`.
    """
    schema = connection.schema_for_object(table)
    if schema is None:
        quoted = connection.dialect.identifier_preparer.quote_identifier(table.name)
        schema = connection.scalar(_SCHEMA, {"table": quoted})
    return table.name if schema == "public" else f"{schema}.{table.name}"


@contextmanager
def _surrogates(connection: sa.Connection) -> Generator[None, None, None]:
    driver = connection.connection.driver_connection
    if driver is None:
        raise TypeError("the connection is closed")
    driver.text_factory = _decoded
    try:
        yield
    finally:
        driver.text_factory = str


def _decoded(value: bytes) -> str:
    return value.decode(errors="surrogateescape")
