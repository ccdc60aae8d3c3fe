"""The leader's lock on PostgreSQL: advisory locks of a session that ends when nobody is behind it.

A process that dies closes its session. A host that falls silent does not: then the server ends the
session, which has to hear of its leader every few seconds.
"""

import asyncio
import contextlib
from collections.abc import Coroutine, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from messagebus.adapters.sqlalchemy.errors import translated
from messagebus.adapters.sqlalchemy.postgresql_timeouts import LAST_WORDS, answered
from messagebus.adapters.sqlalchemy.schemas import name_on_server
from messagebus.errors import ConfigurationError
from messagebus.relay.outbox import AsyncAbstractLeader, Shard

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from messagebus.adapters.sqlalchemy.database import PooledDatabase

T = TypeVar("T")

_HEARTBEAT = 5.0
"""Seconds between two signs of life."""

_LEASE = 20.0
"""Seconds after which the server ends a leader's session that has given none."""

_ANSWER = 10.0
"""Seconds that the server may take to answer one: less than the lease."""

_LIMITS = sa.text(
    """
    SELECT set_config(name, wanted, false) FROM pg_settings JOIN (VALUES
        ('idle_session_timeout', :lease), ('tcp_user_timeout', :lease),
        ('tcp_keepalives_idle', '10'), ('tcp_keepalives_interval', '5'),
        ('tcp_keepalives_count', '2')
    ) AS wanted (name, wanted) USING (name)
    """
)
"""Those that this server's release knows: the first came with PostgreSQL 14."""

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
    each other, however each of them has divided the outbox. The server gives the locks up when it
    has not heard of the leader for 20 s.
    """

    def __init__(self, database: "PooledDatabase", table: sa.Table, shard: Shard) -> None:
        """Lock the shard's slots of the outbox in `table`, which its engine finds in its schema."""
        self._database = database
        self._table = table
        self._slots = [*shard.slots]
        self._connection: AsyncConnection | None = None
        self._heart: asyncio.Task[None] | None = None
        self._asking = asyncio.Lock()

    async def lead(self) -> bool:
        """Take the seat if it is free; asked again, see that the connection still holds it.

        Raises `DatabaseUnavailableError` where the server does not answer, `ConfigurationError`
        behind a pooler.
        """
        if self._database.transaction_pooling:
            raise ConfigurationError(
                "a relay's leader holds its lock as long as its session lasts, and a pooler by "
                "transaction gives that session to others: give the relay a database that is "
                "opened by the server's own address, without transaction_pooling."
            )
        try:
            async with self._asking:
                with translated():
                    if self._connection is not None:
                        await self._ask(self._connection)
                        return True
                    if await self._take():
                        return True
        except BaseException:
            await self.resign()
            raise
        await self.resign()
        return False

    async def resign(self) -> None:
        """Leave the seat by closing its connection."""
        heart, self._heart = self._heart, None
        if heart is not None and heart is not asyncio.current_task():
            heart.cancel()
        connection, self._connection = self._connection, None
        if connection is not None:
            # What is closed already has left the seat.
            with contextlib.suppress(Exception):
                async with asyncio.timeout(LAST_WORDS):
                    await connection.invalidate()
                    await connection.close()

    async def holder(self) -> str | None:
        """Who has the seat, or parts of it, as people may read it; `None` where nobody has."""

        def look(connection: sa.Connection) -> Sequence[sa.Row[Any]]:
            wanted = {"key": self._key(connection), "slots": self._slots}
            return connection.execute(_HOLDERS, wanted).all()

        rows = await self._database.run(look, read_only=True)
        return ", ".join(map(self._told, rows)) or None

    async def _take(self) -> bool:
        self._connection = connection = await self._database.connections.connect()
        await self._bounded(connection.execution_options(isolation_level="AUTOCOMMIT"))
        await self._bounded(connection.execute(_LIMITS, {"lease": str(round(_LEASE * 1000))}))
        key = await self._bounded(connection.run_sync(self._key))
        wanted = {"key": key, "first": self._slots[0], "slots": self._slots}
        if not await self._bounded(connection.scalar(_TAKE, wanted)):
            return False
        self._heart = asyncio.create_task(self._beat(connection), name="leader")
        return True

    async def _beat(self, connection: "AsyncConnection") -> None:
        """Let the server hear of us, also while a batch takes its time."""
        while True:
            await asyncio.sleep(_HEARTBEAT)
            try:
                async with self._asking:
                    await self._ask(connection)
            except Exception:
                # Whoever asks next finds no connection, and stands for the seat anew.
                await self.resign()
                return

    async def _ask(self, connection: "AsyncConnection") -> None:
        await self._bounded(connection.execute(sa.select(1)))

    async def _bounded(self, flow: Coroutine[Any, Any, T]) -> T:
        return await answered(flow, min(_ANSWER, self._database.connections.timeout))

    def _key(self, connection: sa.Connection) -> int:
        """A number of 31 bits that names the outbox."""
        name = f"{name_on_server(connection, self._table)}-relay"
        return int.from_bytes(sha256(name.encode()).digest()[:4]) >> 1

    def _told(self, row: sa.Row[Any]) -> str:
        who = f"backend {row.pid} of {row.client or 'this machine'}"
        whole = row.slots == len(self._slots)
        return who if whole else f"{who} for {row.slots} of {len(self._slots)} slots"
