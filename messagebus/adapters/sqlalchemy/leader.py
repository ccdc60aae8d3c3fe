"""The leader lock of a database's relays, which is released when its process ends.

On PostgreSQL it is a set of advisory locks, which belong to a connection. SQLite has none, so
there it is a lock on a file beside the database.
"""

from hashlib import sha256

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy.database import AsyncSqlDatabase
from messagebus.adapters.sqlalchemy.inbox_table import InboxTable
from messagebus.adapters.sqlalchemy.postgresql import PooledDatabase
from messagebus.adapters.sqlalchemy.postgresql_leader import AdvisoryLockLeader
from messagebus.adapters.sqlalchemy.sqlite import SqliteDatabase
from messagebus.adapters.sqlalchemy.sqlite_leader import FileLockLeader
from messagebus.adapters.sqlalchemy.tables import EventstoreTable
from messagebus.errors import ConfigurationError
from messagebus.relay.outbox import SLOTS, Shard


def leader_of(
    database: AsyncSqlDatabase, table: EventstoreTable, shard: Shard | None = None
) -> AdvisoryLockLeader | FileLockLeader:
    """The leader lock of an event store, or of one shard of it."""
    return _leader_of(database, table.table, shard or Shard(), "relay")


def consumer_leader_of(
    database: AsyncSqlDatabase, table: InboxTable, consumer: str
) -> AdvisoryLockLeader | FileLockLeader:
    """The lock of the process that consumes under a name, with its inbox in this table."""
    # A name may be longer than a file's, and have slashes.
    digest = sha256(consumer.encode()).hexdigest()[:16]
    return _leader_of(database, table.table, Shard(0, SLOTS), f"consumer-{digest}")


def _leader_of(
    database: AsyncSqlDatabase, table: sa.Table, shard: Shard, role: str
) -> AdvisoryLockLeader | FileLockLeader:
    match database:
        case SqliteDatabase():
            return FileLockLeader.of_outbox(database.engine, table, shard, role)
        case PooledDatabase() if database.engine.dialect.name == "postgresql":
            return AdvisoryLockLeader(database, table, shard, role)
        case _:
            raise ConfigurationError(
                f"{type(database).__qualname__} has no lock that ends with its process. leader_of "
                "knows PostgreSQL and SQLite. Give the relay or the consumer a leader of your own."
            )
