"""SQLAlchemy's engine for an SQLite file, in a dialect with another BEGIN and another COMMIT.

Plain `BEGIN` takes SQLite's write lock at the first change, and fails there at once if another
process has written meanwhile; `BEGIN IMMEDIATE` waits for the lock at the beginning. A transaction
that only reads takes no lock: in WAL mode, readers work beside the one writer.

Listeners of the engine's `begin` and `commit` could do the same. But SQLAlchemy joins listeners
for each connection and calls them at each statement: an eighth of a registration's instructions.
"""

import sqlite3
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import PoolProxiedConnection

from messagebus.adapters.sqlalchemy.errors import translate_driver_error
from messagebus.adapters.sqlalchemy.sqlite_files import (
    ForkedFile,
    ReadOnlyFile,
    is_read_only,
    unmark_read_only,
)

DRIVER = "sqlite+messagebus"
"""The dialect's name in a URL of SQLAlchemy's."""

PRAGMAS = ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON")


class SqliteDialect(SQLiteDialect_pysqlite):
    """SQLite by the standard library's driver, with another begin and another commit."""

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: PoolProxiedConnection) -> None:
        """Begin a transaction; a writing one takes the write lock now."""
        read_only = is_read_only(dbapi_connection)
        driver: Any = dbapi_connection.driver_connection
        if read_only is not driver.read_only:
            driver.execute(f"PRAGMA query_only = {read_only}")
            driver.read_only = read_only
        driver.execute("BEGIN" if read_only else "BEGIN IMMEDIATE")

    def do_commit(self, dbapi_connection: PoolProxiedConnection) -> None:
        """Commit; roll back if SQLite can't commit and would keep the transaction open."""
        driver: Any = dbapi_connection.driver_connection
        try:
            driver.commit()
        except sqlite3.Error:
            driver.rollback()
            raise


class DriverConnection(sqlite3.Connection):
    """A connection that knows whether its transactions only read."""

    read_only = False


def sqlite_engine(url: sa.URL, *, timeout: float, pool_size: int = 5) -> sa.Engine:
    """An SQLite file, created if it is missing: WAL, foreign keys, one writer beside its readers.

    A transaction waits `timeout` seconds for the lock of another process, unless the URL has its
    own `timeout`.
    """
    engine = sa.create_engine(
        url.set(drivername=DRIVER),
        connect_args={
            "isolation_level": None,
            "timeout": float(str(url.query.get("timeout", timeout))),
            "check_same_thread": False,
            "factory": DriverConnection,
        },
        poolclass=sa.QueuePool,
        pool_size=pool_size,
        pool_timeout=timeout,
        pool_reset_on_return=None,
    )
    event.listen(engine, "handle_error", translate_driver_error)
    event.listen(engine, "checkin", unmark_read_only)
    ForkedFile(engine)
    if (file := ReadOnlyFile.at(str(url.database))) is not None:
        file.guard(engine)
    pragmas = PRAGMAS if file is None else ()

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    return engine


registry.register("sqlite.messagebus", __name__, SqliteDialect.__name__)
