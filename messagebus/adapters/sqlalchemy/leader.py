"""The leader lock of a database's relays, which is released when its process ends.

On PostgreSQL it is a set of advisory locks, which belong to a connection. SQLite has none, so
there it is a lock on a file beside the database.
"""

from messagebus.adapters.sqlalchemy.database import AsyncSqlDatabase
from messagebus.adapters.sqlalchemy.postgresql import PooledDatabase
from messagebus.adapters.sqlalchemy.postgresql_leader import AdvisoryLockLeader
from messagebus.adapters.sqlalchemy.sqlite import SqliteDatabase
from messagebus.adapters.sqlalchemy.sqlite_leader import FileLockLeader
from messagebus.adapters.sqlalchemy.tables import EventstoreTable
from messagebus.errors import ConfigurationError
from messagebus.relay.outbox import Shard


def leader_of(
    database: AsyncSqlDatabase, table: EventstoreTable, shard: Shard | None = None
) -> AdvisoryLockLeader | FileLockLeader:
    """The leader lock of an event store, or of one shard of it."""
    shard = shard or Shard()
    match database:
        case SqliteDatabase():
            return FileLockLeader.of_outbox(database.engine, table.table, shard)
        case PooledDatabase() if database.engine.dialect.name == "postgresql":
            return AdvisoryLockLeader(database, table.table, shard)
        case _:
            raise ConfigurationError(
                f"{type(database).__qualname__} has no lock that ends with its process. leader_of "
                "knows PostgreSQL and SQLite. Give the relay a leader of your own."
            )
