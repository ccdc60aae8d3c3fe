"""Books registered by the club on an SQLite file, each way to its driver: `threads WAY AT_ONCE`.

WAY is `anyio`, whose worker threads the club uses, or `aiosqlite`, behind SQLAlchemy's
`AsyncEngine`, where one connection is fastest, since SQLite has one writer at a time.
"""

import asyncio
import sys
import tempfile
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.ext.asyncio import create_async_engine

from bench.workers.concurrent_writers import registered
from bench.workers.databases import empty
from bench.workers.serving import serve
from messagebus.adapters.sqlalchemy import AsyncSqlDatabase, PooledDatabase, open_database
from messagebus.adapters.sqlalchemy.sqlite_engine import PRAGMAS
from reading_club.bootstrap import ReadingClub
from reading_club.config import Settings


def by_aiosqlite(url: str) -> AsyncSqlDatabase:
    engine = create_async_engine(
        sa.make_url(url).set(drivername="sqlite+aiosqlite"),
        connect_args={"isolation_level": None},
        poolclass=sa.AsyncAdaptedQueuePool,
        pool_size=1,
        max_overflow=0,
        pool_timeout=60,
        pool_reset_on_return=None,
    )

    @event.listens_for(engine.sync_engine, "connect")
    def configure(connection: Any, _record: object) -> None:
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return PooledDatabase(engine)


WAYS = {"anyio": open_database, "aiosqlite": by_aiosqlite}


async def register_all(way: str, count: int, at_once: int) -> float:
    with tempfile.TemporaryDirectory() as folder, empty("sqlite", Path(folder)) as url:
        database = WAYS[way](url)
        seconds = await registered(ReadingClub(database, Settings()), count, at_once)
        await database.close()
        return seconds


if __name__ == "__main__":
    way, at_once = sys.argv[1], int(sys.argv.pop(2))
    serve({way: lambda count: asyncio.run(register_all(way, count, at_once))})
