"""The leader lock on PostgreSQL: advisory locks, which end with the leader's session.

A process that dies closes its session. If the leader's host disappears, the server ends the
session after some seconds without a heartbeat.
"""

import asyncio
import contextlib
from collections.abc import Coroutine, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from messagebus.adapters.sqlalchemy.backends import name_on_server
from messagebus.adapters.sqlalchemy.errors import translated
from messagebus.adapters.sqlalchemy.postgresql_timeouts import CLOSING_TIMEOUT, answered
from messagebus.errors import ConfigurationError
from messagebus.relay.outbox import AsyncAbstractLeader, Shard

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from messagebus.adapters.sqlalchemy.postgresql import PooledDatabase

T = TypeVar("T")

_HEARTBEAT = 5.0
"""Seconds between two statements that the leader sends as a heartbeat."""

_LEASE = 20.0
"""Seconds after which the server ends a leader's session without a heartbeat."""

_ANSWER = 10.0
"""Seconds that the server may take to answer a heartbeat: less than the lease."""

_LIMITS = sa.text(
    """
    SELECT set_config(name, wanted, false) FROM pg_settings JOIN (VALUES
        ('idle_session_timeout', :lease), ('tcp_user_timeout', :lease),
        ('tcp_keepalives_idle', '10'), ('tcp_keepalives_interval', '5'),
        ('tcp_keepalives_count', '2')
    ) AS wanted (name, wanted) USING (name)
    """
)
"""Only settings that this server's release has: the first came with PostgreSQL 14."""

_ACQUIRE = sa.text(
    """
    SELECT CASE WHEN pg_try_advisory_lock(:key, :first) THEN
        (SELECT bool_and(pg_try_advisory_lock(:key, slot)) FROM unnest(:slots) AS slot)
    ELSE false END
    """
).bindparams(sa.bindparam("slots", type_=postgresql.ARRAY(sa.Integer)))
"""If the first slot is locked, as it is for a waiting relay, the others are not tried."""

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
    """A leader lock as advisory locks on a connection of its own, which no pooler may share.

    There is a lock for each slot of the shard, so relays that would send the same keys exclude
    each other, even with different shard counts. The server releases the locks after 20 s without
    a heartbeat.
    """

    def __init__(
        self, database: "PooledDatabase", table: sa.Table, shard: Shard, role: str = "relay"
    ) -> None:
        """Make the lock for a shard of the table, in the engine's schema, and for a role."""
        self._database = database
        self._table = table
        self._role = role
        self._slots = [*shard.slots]
        self._connection: AsyncConnection | None = None
        self._heart: asyncio.Task[None] | None = None
        self._statement = asyncio.Lock()

    async def try_acquire(self) -> bool:
        """Acquire the lock if it is free; called again, check that the connection still holds it.

        Raises `DatabaseUnavailableError` if the server doesn't answer, and `ConfigurationError`
        behind a pooler.
        """
        if self._database.transaction_pooling:
            raise ConfigurationError(
                "a relay cannot lead behind a pooler by transaction. The leader lock belongs to a "
                "session, which the pooler gives to other clients. Open the relay's database by "
                "the server's own address, without transaction_pooling."
            )
        try:
            async with self._statement:
                with translated():
                    if self._connection is not None:
                        await self._check(self._connection)
                        return True
                    if await self._acquire():
                        return True
        except BaseException:
            await self.release()
            raise
        await self.release()
        return False

    async def release(self) -> None:
        """Release the lock by closing its connection."""
        heart, self._heart = self._heart, None
        if heart is not None and heart is not asyncio.current_task():
            heart.cancel()
        connection, self._connection = self._connection, None
        if connection is not None:
            # A connection that is closed already holds no lock.
            with contextlib.suppress(Exception):
                async with asyncio.timeout(CLOSING_TIMEOUT):
                    await connection.invalidate()
                    await connection.close()

    async def holder(self) -> str | None:
        """A description of the sessions that hold the lock, or parts of it; `None` if none does."""

        def look(connection: sa.Connection) -> Sequence[sa.Row[Any]]:
            wanted = {"key": self._key(connection), "slots": self._slots}
            return connection.execute(_HOLDERS, wanted).all()

        rows = await self._database.run(look, read_only=True)
        return ", ".join(map(self._shown, rows)) or None

    async def _acquire(self) -> bool:
        self._connection = connection = await self._database.connections.connect()
        await self._bounded(connection.execution_options(isolation_level="AUTOCOMMIT"))
        await self._bounded(connection.execute(_LIMITS, {"lease": str(round(_LEASE * 1000))}))
        key = await self._bounded(connection.run_sync(self._key))
        wanted = {"key": key, "first": self._slots[0], "slots": self._slots}
        if not await self._bounded(connection.scalar(_ACQUIRE, wanted)):
            return False
        self._heart = asyncio.create_task(self._beat(connection), name="leader")
        return True

    async def _beat(self, connection: "AsyncConnection") -> None:
        """Send heartbeats, also during a long batch."""
        while True:
            await asyncio.sleep(_HEARTBEAT)
            try:
                async with self._statement:
                    await self._check(connection)
            except Exception:
                # The next call of `try_acquire` finds no connection, and acquires the lock again.
                await self.release()
                return

    async def _check(self, connection: "AsyncConnection") -> None:
        await self._bounded(connection.execute(sa.select(1)))

    async def _bounded(self, flow: Coroutine[Any, Any, T]) -> T:
        return await answered(flow, min(_ANSWER, self._database.connections.timeout))

    def _key(self, connection: sa.Connection) -> int:
        """A number of 31 bits that names the outbox."""
        name = f"{name_on_server(connection, self._table)}-{self._role}"
        return int.from_bytes(sha256(name.encode()).digest()[:4]) >> 1

    def _shown(self, row: sa.Row[Any]) -> str:
        session = f"backend {row.pid} of {row.client or 'this machine'}"
        if row.slots == len(self._slots):
            return session
        return f"{session} for {row.slots} of {len(self._slots)} slots"
