"""SQLAlchemy's dialect for SQLite with another BEGIN and another COMMIT, for several processes.

Plain `BEGIN` takes SQLite's write lock only at the first change, and fails there if another
process was faster, however long it would wait; `BEGIN IMMEDIATE` waits at the beginning. A
transaction that only reads takes no lock at all: in WAL, readers stand beside the one writer.

Listeners of the engine's `begin` and `commit` could do the same. SQLAlchemy then joins them anew
for each connection and asks them at each statement: an eighth of a registration's instructions.
"""

import sqlite3
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.pool import PoolProxiedConnection

DRIVER = "sqlite+messagebus"
"""The dialect's name in a URL of SQLAlchemy's."""

_ONLY_READS = "messagebus_only_reads"


class SqliteDialect(SQLiteDialect_pysqlite):
    """The same SQL, by the standard library's driver; transactions begin and end otherwise."""

    supports_statement_cache = True

    def do_begin(self, dbapi_connection: PoolProxiedConnection) -> None:
        """Begin a transaction: one that writes has the lock from here on."""
        only_reads = _ONLY_READS in dbapi_connection.info
        driver: Any = dbapi_connection.driver_connection
        if only_reads is not driver.only_reads:
            driver.execute(f"PRAGMA query_only = {only_reads}")
            driver.only_reads = only_reads
        driver.execute("BEGIN" if only_reads else "BEGIN IMMEDIATE")

    def do_commit(self, dbapi_connection: PoolProxiedConnection) -> None:
        """Commit; roll back where SQLite refuses, and would keep the transaction."""
        driver: Any = dbapi_connection.driver_connection
        try:
            driver.commit()
        except sqlite3.Error:
            driver.rollback()
            raise


class SqliteConnection(sqlite3.Connection):
    """A connection that knows whether its transactions only read."""

    only_reads = False


def only_read(connection: sa.Connection) -> None:
    """Let the connection's transactions only read, on each database, until it is given back."""
    if connection.dialect.name == "sqlite":
        connection.info[_ONLY_READS] = True
    else:
        connection.execution_options(postgresql_readonly=True)


def only_reads(connection: sa.Connection) -> bool:
    """Whether the connection's transactions only read."""
    return _ONLY_READS in connection.info


def forget_only_read(_connection: Any, record: Any) -> None:
    """Let the next transaction write; for `checkin` of a pool."""
    record.info.pop(_ONLY_READS, None)


registry.register("sqlite.messagebus", __name__, SqliteDialect.__name__)
