"""From a URL to a database: the engine, and what hands out sessions on it."""

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy.database import (
    AsyncSqlDatabase,
    PooledDatabase,
    SqliteDatabase,
    SyncSqlDatabase,
)
from messagebus.adapters.sqlalchemy.errors import shown_url
from messagebus.adapters.sqlalchemy.postgresql_timeouts import (
    PATIENCE,
    POOL_SIZE,
    STATEMENT_TIMEOUT,
)
from messagebus.adapters.sqlalchemy.sqlite_engine import (
    async_postgresql_engine,
    postgresql_engine,
    sqlite_engine,
)
from messagebus.errors import ConfigurationError


def open_database(
    url: str | sa.URL,
    *,
    pool_size: int = POOL_SIZE,
    statement_timeout: float = STATEMENT_TIMEOUT,
    patience: float = PATIENCE,
    transaction_pooling: bool = False,
) -> AsyncSqlDatabase:
    """Open `postgresql://…` by asyncpg or `sqlite:///…` for the async door.

    `patience` is how many seconds a unit of work waits for a connection or for another writer; the
    rest is PostgreSQL's. After `statement_timeout` seconds it ends a statement, and two seconds
    later we give the connection up; with 0 it is told no limit, and ours is that of the default.
    `transaction_pooling` says that a pooler such as PgBouncer shares connections by transaction:
    nothing then outlives one, and no relay can lead. Raises `ConfigurationError` for any other URL.
    """
    parsed = sa.make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            engine = sqlite_engine(_with_file(parsed), patience=patience)
            return SqliteDatabase(engine, patience=patience)
        case "postgresql":
            return PooledDatabase(
                async_postgresql_engine(
                    parsed,
                    statement_timeout=statement_timeout,
                    pool_size=pool_size,
                    patience=patience,
                    transaction_pooling=transaction_pooling,
                ),
                patience=patience,
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
    patience: float = PATIENCE,
    transaction_pooling: bool = False,
) -> SyncSqlDatabase:
    """Open `postgresql://…` by psycopg or `sqlite:///…` for the sync door, as `open_database`."""
    parsed = sa.make_url(url)
    match parsed.get_backend_name():
        case "sqlite":
            engine = sqlite_engine(_with_file(parsed), patience=patience, pool_size=pool_size)
        case "postgresql":
            engine = postgresql_engine(
                parsed,
                statement_timeout=statement_timeout,
                pool_size=pool_size,
                patience=patience,
                transaction_pooling=transaction_pooling,
            )
        case _:
            raise _unknown(parsed)
    return SyncSqlDatabase(engine)


def _with_file(url: sa.URL) -> sa.URL:
    if url.database in (None, "", ":memory:"):
        raise ConfigurationError(
            f"{url} is a database in memory; each connection would see one of its own, and nothing "
            "would outlive the process: name a file, as in sqlite:///shelf.db."
        )
    return url


def _unknown(url: sa.URL) -> ConfigurationError:
    return ConfigurationError(
        f"{shown_url(url)}: {url.get_backend_name()} is not known here; "
        "open_database knows postgresql:// and sqlite:///: for another one, give an engine to "
        "PooledDatabase or SyncSqlDatabase."
    )
