"""One relay leads at a time, by a lock that is released when its process dies."""

import contextlib
from pathlib import Path

from filelock import FileLock, Timeout

from messagebus.adapters.sqlalchemy.database import AsyncSqlDatabase, SqliteDatabase
from messagebus.adapters.sqlalchemy.tables import EventstoreTable
from messagebus.errors import ConfigurationError
from messagebus.relay.outbox import AsyncAbstractLeader


class FileLockLeader(AsyncAbstractLeader):
    """The leader lock as a lock on a file, for relays of one machine."""

    def __init__(self, path: str | Path) -> None:
        self._lock = FileLock(path, thread_local=False)

    async def try_acquire(self) -> bool:
        """Acquire the lock if it is free; return whether this relay holds it."""
        if not self._lock.is_locked:
            with contextlib.suppress(Timeout):
                self._lock.acquire(blocking=False)
        return self._lock.is_locked

    async def release(self) -> None:
        """Release the lock."""
        self._lock.release()


def leader_of(database: AsyncSqlDatabase, table: EventstoreTable) -> FileLockLeader:
    """The leader lock of an event store in a file."""
    if not isinstance(database, SqliteDatabase):
        raise ConfigurationError(
            "a file's lock excludes the relays of one machine only. A server has relays on many "
            "machines. Give the relay a leader of your own."
        )
    return FileLockLeader(f"{database.engine.url.database}-{table.table.fullname}-relay.lock")
