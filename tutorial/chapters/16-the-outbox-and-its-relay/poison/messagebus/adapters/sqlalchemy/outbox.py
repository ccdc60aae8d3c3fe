"""The event store as the relay's outbox: a row waits while its `sent_at` is null."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy.database import AsyncSqlDatabase
from messagebus.adapters.sqlalchemy.tables import ENVELOPE, EventstoreTable
from messagebus.relay.outbox import AsyncAbstractOutbox, OutboxMessage
from messagebus.relay.stream import StreamMessage


class AsyncSqlOutbox(AsyncAbstractOutbox):
    """The outbox of one event store."""

    def __init__(self, database: AsyncSqlDatabase, table: EventstoreTable) -> None:
        self._database = database
        self._table = table.table
        columns = table.table.c
        dead = table.table.alias("dead")
        parked = sa.exists().where(
            dead.c.stream_key == columns.stream_key,
            dead.c.refused_at.is_not(None),
            dead.c.position <= columns.position,
        )
        self._waiting = (
            sa.select(columns.position, columns.stream_key, *(columns[key] for key in ENVELOPE))
            .where(table.waits, ~parked)
            .order_by(columns.position)
        )

    async def waiting(self, limit: int) -> Sequence[OutboxMessage]:
        """The first waiting messages in order of position, without those of parked keys."""

        def read(connection: sa.Connection) -> Sequence[OutboxMessage]:
            found = connection.execute(self._waiting.limit(limit))
            return [_message(row) for row in found]

        return await self._database.run(read)

    async def mark_sent(self, positions: Sequence[int]) -> None:
        """Mark these messages as confirmed by the stream, at the time of the database's clock."""
        these = self._table.c.position.in_(positions)
        sent = sa.update(self._table).where(these).values(sent_at=sa.func.now())
        await self._database.run(lambda connection: connection.execute(sent))

    async def reject(self, position: int, reason: str) -> None:
        """Make the message a dead letter, which parks its stream key."""
        this = sa.update(self._table).where(self._table.c.position == position)
        reject = this.values(refused_at=sa.func.now(), refusal=reason)
        await self._database.run(lambda connection: connection.execute(reject))


def _message(row: Sequence[Any]) -> OutboxMessage:
    position, stream_key, *envelope = row
    headers = {"position": str(position), "stream_key": stream_key}
    return OutboxMessage(
        position, StreamMessage(dict(zip(ENVELOPE, envelope, strict=True)), headers)
    )
