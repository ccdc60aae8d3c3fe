"""One relay at a time, by what the database has for it: nothing that a dead process could keep.

PostgreSQL's advisory locks belong to a connection, and go when the process does. SQLite has
none; there it is a lock on a file beside the database.
"""

from pathlib import Path

from messagebus.adapters.sqlalchemy.database import (
    AsyncSqlDatabase,
    PooledDatabase,
    SqliteDatabase,
)
from messagebus.adapters.sqlalchemy.postgresql_leader import AdvisoryLockLeader
from messagebus.adapters.sqlalchemy.schemas import name_in_file
from messagebus.adapters.sqlalchemy.sqlite_leader import FileLockLeader, conflicting_locks
from messagebus.adapters.sqlalchemy.tables import EventstoreTable
from messagebus.errors import ConfigurationError
from messagebus.relay.outbox import Shard


def leader_of(
    database: AsyncSqlDatabase, table: EventstoreTable, shard: Shard | None = None
) -> AdvisoryLockLeader | FileLockLeader:
    """The leader's seat of an event store, or of one shard of it."""
    shard = shard or Shard()
    match database:
        case SqliteDatabase():
            file = Path(str(database.engine.url.database)).resolve()
            name = f"{name_in_file(database.engine, table.table)}-relay"
            own = file.with_name(f"{file.name}-{name}-{shard.index}-of-{shard.count}.lock")
            return FileLockLeader(own, lambda: conflicting_locks(file, name, shard), database=file)
        case PooledDatabase() if database.engine.dialect.name == "postgresql":
            return AdvisoryLockLeader(database, table.table, shard)
        case _:
            raise ConfigurationError(
                f"{type(database).__qualname__} knows no lock that dies with its process; "
                "leader_of knows PostgreSQL and SQLite: give the relay a leader of your own."
            )
