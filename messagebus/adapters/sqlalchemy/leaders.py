"""One relay at a time, by what the database has for it: nothing that a dead process could keep.

PostgreSQL's advisory locks belong to a connection, and go when the process does. SQLite has
none; there it is a lock on a file beside the database.
"""

import contextlib
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from messagebus.adapters.sqlalchemy.databases import (
    AsyncSqlDatabase,
    PooledDatabase,
    SqliteDatabase,
)
from messagebus.adapters.sqlalchemy.filelocks import FileLockLeader, conflicting_locks
from messagebus.adapters.sqlalchemy.schemas import name_in_file, name_on_server
from messagebus.adapters.sqlalchemy.tables import EventstoreTable
from messagebus.errors import ConfigurationError
from messagebus.relay.outbox import AsyncAbstractLeader, Shard

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_TAKE = sa.text(
    """
    SELECT CASE WHEN pg_try_advisory_lock(:key, :first) THEN
        (SELECT bool_and(pg_try_advisory_lock(:key, slot)) FROM unnest(:slots) AS slot)
    ELSE false END
    """
).bindparams(sa.bindparam("slots", type_=postgresql.ARRAY(sa.Integer)))
"""Who finds the first slot taken, as a relay in waiting does, touches none of the others."""

_HOLDERS = sa.text(
    """
    SELECT pid, host(client_addr) AS client, count(*) AS slots
    FROM pg_locks JOIN pg_stat_activity USING (pid)
    WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND datname = current_database()
    AND database = datid AND classid::bigint = :key AND objid::bigint = ANY(:slots)
    GROUP BY pid, client_addr ORDER BY min(objid::bigint)
    """
).bindparams(sa.bindparam("slots", type_=postgresql.ARRAY(sa.BigInteger)))


class AdvisoryLockLeader(AsyncAbstractLeader):
    """The seat as advisory locks on a connection of its own, which no pooler may share.

    There is a lock for each slot of the shard, so two relays that would send the same keys exclude
    each other, however each of them has divided the outbox.
    """

    def __init__(self, engine: "AsyncEngine", table: sa.Table, shard: Shard) -> None:
        """Lock the shard's slots of the outbox in `table`, which the engine finds in its schema."""
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")
        self._table = table
        self._slots = [*shard.slots]
        self._connection: AsyncConnection | None = None

    async def lead(self) -> bool:
        """Take the seat if it is free; asked again, see that the connection still holds it."""
        try:
            if self._connection is not None:
                await self._connection.execute(sa.select(1))
                return True
            self._connection = await self._engine.connect()
            key = await self._connection.run_sync(self._key)
            wanted = {"key": key, "first": self._slots[0], "slots": self._slots}
            if await self._connection.scalar(_TAKE, wanted):
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
        """Who has the seat, or parts of it, as people may read it; `None` where nobody has."""
        async with self._engine.connect() as connection:
            key = await connection.run_sync(self._key)
            found = await connection.execute(_HOLDERS, {"key": key, "slots": self._slots})
            rows = found.all()
        return ", ".join(map(self._told, rows)) or None

    def _key(self, connection: sa.Connection) -> int:
        """A number of 31 bits that names the outbox."""
        name = f"{name_on_server(connection, self._table)}-relay"
        return int.from_bytes(sha256(name.encode()).digest()[:4]) >> 1

    def _told(self, row: sa.Row[Any]) -> str:
        who = f"backend {row.pid} of {row.client or 'this machine'}"
        whole = row.slots == len(self._slots)
        return who if whole else f"{who} for {row.slots} of {len(self._slots)} slots"


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
            return AdvisoryLockLeader(database.engine, table.table, shard)
        case _:
            raise ConfigurationError(
                f"{type(database).__qualname__} knows no lock that dies with its process; "
                "leader_of knows PostgreSQL and SQLite: give the relay a leader of your own."
            )
