"""SQLAlchemy's engine for SQLite; a transaction waits for the file at its beginning.

Plain `BEGIN` takes SQLite's write lock only at the first change, and fails there if another
process was faster, however long it would wait. `BEGIN IMMEDIATE` waits.
"""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import event

PRAGMAS = ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON")


def sqlite_engine(url: sa.URL, *, timeout: float) -> sa.Engine:
    """An SQLite file, made if it is missing: WAL, foreign keys, one writer at a time.

    `timeout` is how many seconds a transaction waits for the lock of another process.
    """
    engine = sa.create_engine(url, connect_args={"isolation_level": None, "timeout": timeout})

    @event.listens_for(engine, "connect")
    def configure(connection: Any, _record: Any) -> None:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
