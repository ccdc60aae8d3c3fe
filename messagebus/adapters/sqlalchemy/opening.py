"""Opens a database by its URL: makes the engine, and the object that makes its sessions."""

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy.database import (
    POOL_SIZE,
    TIMEOUT,
    AsyncSqlDatabase,
    SyncSqlDatabase,
)
from messagebus.adapters.sqlalchemy.errors import shown_url
from messagebus.adapters.sqlalchemy.postgresql import PooledDatabase
from messagebus.adapters.sqlalchemy.postgresql_engine import (
    async_postgresql_engine,
    postgresql_engine,
)
from messagebus.adapters.sqlalchemy.postgresql_timeouts import STATEMENT_TIMEOUT
from messagebus.adapters.sqlalchemy.sqlite import SqliteDatabase
from messagebus.adapters.sqlalchemy.sqlite_engine import sqlite_engine
from messagebus.errors import ConfigurationError


def open_database(
    url: str | sa.URL,
    *,
    pool_size: int = POOL_SIZE,
    statement_timeout: float = STATEMENT_TIMEOUT,
    timeout: float = TIMEOUT,
    transaction_pooling: bool = False,
) -> AsyncSqlDatabase:
    """Open `postgresql://…` by asyncpg or `sqlite:///…` for async units of work.

    `timeout` is the number of seconds that a unit of work waits for a connection or for another
    writer. The other options are PostgreSQL's. After `statement_timeout` seconds the server ends a
    statement, and two seconds later the connection is closed; with 0 the server has no limit, and
    the connection is closed two seconds after the default. Set `transaction_pooling` behind a
    pooler such as PgBouncer that shares connections by transaction; a relay can't lead through it.
    Raises `ConfigurationError` for any other URL.
    """
    parsed = sa.make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            engine = sqlite_engine(_with_file(parsed), timeout=timeout)
            return SqliteDatabase(engine, timeout=timeout)
        case "postgresql":
            return PooledDatabase(
                async_postgresql_engine(
                    parsed,
                    statement_timeout=statement_timeout,
                    pool_size=pool_size,
                    timeout=timeout,
                    transaction_pooling=transaction_pooling,
                ),
                timeout=timeout,
                statement_timeout=statement_timeout,
                transaction_pooling=transaction_pooling,
            )
        case _:
            raise _unknown(parsed)


def open_sync_database(
    url: str | sa.URL,
    *,
    pool_size: int = POOL_SIZE,
    statement_timeout: float = STATEMENT_TIMEOUT,
    timeout: float = TIMEOUT,
    transaction_pooling: bool = False,
) -> SyncSqlDatabase:
    """Open `postgresql://…` by psycopg or `sqlite:///…` for sync units of work."""
    parsed = sa.make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            engine = sqlite_engine(_with_file(parsed), timeout=timeout, pool_size=pool_size)
        case "postgresql":
            engine = postgresql_engine(
                parsed,
                statement_timeout=statement_timeout,
                pool_size=pool_size,
                timeout=timeout,
                transaction_pooling=transaction_pooling,
            )
        case _:
            raise _unknown(parsed)
    return SyncSqlDatabase(engine)


def _with_file(url: sa.URL) -> sa.URL:
    if url.database in (None, "", ":memory:"):
        raise ConfigurationError(
            f"{url} is a database in memory. Each connection would have its own, which ends with "
            "it. Name a file, as in sqlite:///shelf.db."
        )
    return url


def _unknown(url: sa.URL) -> ConfigurationError:
    return ConfigurationError(
        f"{shown_url(url)}: {url.get_backend_name()} is unknown. open_database accepts "
        "postgresql:// and sqlite:///. For another database, pass an engine to PooledDatabase or "
        "SyncSqlDatabase."
    )
