"""One relay at a time, by what the database has for it: nothing that a dead process could keep.

PostgreSQL's advisory lock belongs to a connection, and goes when the process does. SQLite has
none; there it is a lock on a file beside the database.
"""

import contextlib
from hashlib import sha256
from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock, Timeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from messagebus.adapters.sqlalchemy.databases import (
    AsyncSqlDatabase,
    PooledDatabase,
    SqliteDatabase,
)
from messagebus.adapters.sqlalchemy.tables import EventstoreTable
from messagebus.errors import ConfigurationError
from messagebus.relay.outbox import AsyncAbstractLeader, Shard

_HOLDER = sa.text(
    """
    SELECT pid, host(client_addr) AS client
    FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND datname = current_database()
    AND database = datid AND (classid::bigint << 32) | objid::bigint = :key
    """
)


class AdvisoryLockLeader(AsyncAbstractLeader):
    """The seat as an advisory lock on a connection of its own, which no pooler may share."""

    def __init__(self, engine: AsyncEngine, key: int) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._key = key
        self._connection: AsyncConnection | None = None

    async def lead(self) -> bool:
        """Take the seat if it is free; asked again, see that the connection still holds it."""
        try:
            if self._connection is not None:
                await self._connection.execute(sa.select(1))
                return True
            self._connection = await self._engine.connect()
            if await self._connection.scalar(sa.select(sa.func.pg_try_advisory_lock(self._key))):
                return True
        except BaseException:
            await self.resign()
            raise
        await self.resign()
        return False

    async def resign(self) -> None:
        """Leave the seat by closing its connection."""
        connection, self._connection = self._connection, None
        if connection is not None:
            # What is closed already has left the seat.
            with contextlib.suppress(Exception):
                await connection.invalidate()
                await connection.close()

    async def holder(self) -> str | None:
        """Who has the seat, as people may read it; `None` where nobody has."""
        async with self._engine.connect() as connection:
            found = await connection.execute(_HOLDER, {"key": self._key})
            row = found.one_or_none()
        return None if row is None else f"backend {row.pid} of {row.client or 'this machine'}"


class FileLockLeader(AsyncAbstractLeader):
    """The seat as a lock on a file, for relays of one machine."""

    def __init__(self, path: str | Path) -> None:
        self._lock = FileLock(path, thread_local=False)

    async def lead(self) -> bool:
        """Take the seat if it is free."""
        if not self._lock.is_locked:
            with contextlib.suppress(Timeout):
                self._lock.acquire(blocking=False)
        return self._lock.is_locked

    async def resign(self) -> None:
        """Leave the seat."""
        self._lock.release()

    async def holder(self) -> str | None:
        """Whether somebody has the seat; a file does not know who. It is taken for a moment."""
        if self._lock.is_locked:
            return "this process"
        try:
            return None if await self.lead() else "a process of this machine"
        finally:
            await self.resign()


def leader_of(
    database: AsyncSqlDatabase, table: EventstoreTable, shard: Shard | None = None
) -> AdvisoryLockLeader | FileLockLeader:
    """The leader's seat of an event store, or of one shard of it."""
    name = f"{table.table.fullname}-relay-{_number(shard)}"
    match database:
        case SqliteDatabase():
            return FileLockLeader(f"{database.engine.url.database}-{name}.lock")
        case PooledDatabase() if database.engine.dialect.name == "postgresql":
            return AdvisoryLockLeader(database.engine, _key(name))
        case _:
            raise ConfigurationError(
                f"{type(database).__qualname__} knows no lock that dies with its process; "
                "leader_of knows PostgreSQL and SQLite: give the relay a leader of your own."
            )


def _number(shard: Shard | None) -> str:
    return f"{shard.index}-of-{shard.count}" if shard is not None else "0-of-1"


def _key(name: str) -> int:
    return int.from_bytes(sha256(name.encode()).digest()[:8], signed=True)
