"""One relay at a time, by a lock that no dead process could keep."""

import contextlib
from pathlib import Path

from filelock import FileLock, Timeout

from messagebus.adapters.sqlalchemy.database import AsyncSqlDatabase, SqliteDatabase
from messagebus.adapters.sqlalchemy.tables import EventstoreTable
from messagebus.errors import ConfigurationError
from messagebus.relay.outbox import AsyncAbstractLeader


class FileLockLeader(AsyncAbstractLeader):
    """The seat as a lock on a file, for relays of one machine."""

    def __init__(self, path: str | Path) -> None:
        self._lock = FileLock(path, thread_local=False)

    async def try_acquire(self) -> bool:
        """Take the seat if it is free."""
        if not self._lock.is_locked:
            with contextlib.suppress(Timeout):
                self._lock.acquire(blocking=False)
        return self._lock.is_locked

    async def release(self) -> None:
        """Leave the seat."""
        self._lock.release()


def leader_of(database: AsyncSqlDatabase, table: EventstoreTable) -> FileLockLeader:
    """The leader's seat of an event store in a file."""
    if not isinstance(database, SqliteDatabase):
        raise ConfigurationError(
            "a file's lock seats the relays of one machine, and a server has many: give the relay "
            "a leader of your own."
        )
    return FileLockLeader(f"{database.engine.url.database}-{table.table.fullname}-relay.lock")
