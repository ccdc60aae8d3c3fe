"""The event store as the relay's outbox: a row waits while its `sent_at` is null."""

import logging
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any, TypeVar

import sqlalchemy as sa

from messagebus.adapters.encoding import ENVELOPE, check_message
from messagebus.adapters.sqlalchemy.backends import Backend, backend_of
from messagebus.adapters.sqlalchemy.database import AsyncSqlDatabase
from messagebus.adapters.sqlalchemy.leader import leader_of
from messagebus.adapters.sqlalchemy.parking import CHUNK, ParkingRows, SqlDeadLetters
from messagebus.adapters.sqlalchemy.rows import age_of, aware, shown_message
from messagebus.adapters.sqlalchemy.tables import EventstoreTable
from messagebus.relay.outbox import (
    AsyncAbstractManagedOutbox,
    DeadLetter,
    OutboxMessage,
    OutboxStatus,
    Shard,
)
from messagebus.relay.stream import StreamMessage

T = TypeVar("T")
_log = logging.getLogger(__name__)

_HEADERS = ("stream_key", "correlation_id", "causation_id", "traceparent", "tracestate")


class AsyncSqlOutbox(SqlDeadLetters, AsyncAbstractManagedOutbox):
    """The outbox of one event store, or one shard of it."""

    def __init__(
        self, database: AsyncSqlDatabase, table: EventstoreTable, shard: Shard | None = None
    ) -> None:
        rows = ParkingRows(table.table, table.waits, lambda first: first.refused_at.is_not(None))
        super().__init__(database, rows)
        self._eventstore = table
        self._table = table.table
        columns = table.table.c
        self._waiting = _messages(columns).where(self.rows.alive, ~self.rows.parked)
        if shard is not None and shard.count > 1:
            self._waiting = self._waiting.where(columns.slot % shard.count == shard.index)
        self._waiting = self._waiting.order_by(columns.position).limit(sa.bindparam("limit"))
        self._update_of = cache(self._update)

    async def waiting(self, limit: int) -> Sequence[OutboxMessage]:
        """The first waiting messages in order of position, without those of a parked stream key.

        A row with bytes that are no text becomes a dead letter here, since no later read can
        decode it.
        """
        undecodable: dict[int, str] = {}

        def read(connection: sa.Connection) -> Sequence[OutboxMessage]:
            backend = backend_of(connection)
            backend.prefer_indexes(connection)
            found: list[OutboxMessage] = []
            for row in backend.fetch(connection, self._waiting, {"limit": limit}):
                message = _message(row)
                try:
                    check_message(message)
                except ValueError as error:
                    undecodable[row[0]] = f"{self._table.fullname}, position {row[0]}: {error}"
                else:
                    found.append(OutboxMessage(row[0], message))
            return found

        found = await self._run_read_only(read)
        if not undecodable:
            return found
        for position, reason in undecodable.items():
            _log.error("message %d is a dead letter: %s", position, reason)
            await self.reject(position, reason)
        return await self.waiting(limit)

    async def mark_sent(self, positions: Sequence[int]) -> None:
        """Mark these messages as confirmed by the stream, at the time of the database's clock."""

        def mark(connection: sa.Connection) -> None:
            backend = backend_of(connection)
            backend.prefer_indexes(connection)
            parameters = {"positions": backend.parameter(positions)}
            connection.execute(self._update_of(backend), parameters)

        await self.database.run(mark)

    async def purge(self, retention: timedelta, limit: int = CHUNK) -> int:
        """Delete at most `limit` messages that were sent longer ago than that; return how many."""
        columns = self._table.c

        def purge(connection: sa.Connection) -> int:
            old = (
                sa.select(columns.position)
                .where(columns.sent_at < backend_of(connection).before_now(retention))
                .order_by(columns.sent_at)
                .limit(limit)
            )
            return connection.execute(
                sa.delete(self._table).where(columns.position.in_(old))
            ).rowcount

        return await self.database.run(purge)

    async def replay(self, position: int) -> int:
        """Let all sent messages from this position on be sent again; return how many.

        This restores a stream that has lost confirmed messages. The transactions are bounded and
        go from the oldest message on, which keeps the order by stream key.
        """
        columns = self._table.c
        last = await self._run_read_only(
            lambda connection: connection.scalar(sa.select(sa.func.max(columns.position))) or 0
        )

        def replay(connection: sa.Connection) -> int:
            chunk = columns.position.between(position, min(position + CHUNK - 1, last))
            again = sa.update(self._table).where(chunk, columns.sent_at.is_not(None))
            return connection.execute(again.values(sent_at=None)).rowcount

        replayed = 0
        while position <= last:
            replayed += await self.database.run(replay)
            position += CHUNK
        return replayed

    async def status(self) -> OutboxStatus:
        """Count the messages; this reads each sent row, which takes long in a large table."""
        columns, rows = self._table.c, self.rows
        waiting_first = sa.select(columns.created_at).where(rows.alive)
        oldest_first = waiting_first.order_by(columns.position).limit(1)

        def look(connection: sa.Connection) -> OutboxStatus:
            oldest = backend_of(connection).fetch(connection, oldest_first)
            return OutboxStatus(
                waiting=rows.count(connection, rows.alive),
                oldest_age=age_of(oldest[0][0]) if oldest else None,
                sent=rows.count(connection, columns.sent_at.is_not(None)),
                parked=rows.count(connection, rows.alive, rows.parked),
                dead=rows.count(connection, rows.dead),
            )

        return await self._run_read_only(look)

    async def leader(self) -> str | None:
        """A description of the relay that leads now; `None` if no relay leads."""
        return await leader_of(self.database, self._eventstore).holder()

    async def published(
        self, after: int, limit: int = CHUNK
    ) -> Sequence[tuple[int, Mapping[str, Any]]]:
        """The published envelopes behind a position in order, each with its own position."""
        return await self._run_read_only(lambda each: self._eventstore.load(each, after, limit))

    async def before_last(self, number: int) -> int:
        """The position in front of the last `number` published envelopes; 0 if there are fewer."""
        return await self._run_read_only(lambda each: self._eventstore.before_last(number, each))

    def read_dead_letter(self, row: Sequence[Any]) -> DeadLetter:
        """The dead letter in a row of the table, whatever bytes its columns contain."""
        columns: Any = row
        message = _message(
            [columns[0], *(getattr(columns, name) for name in (*ENVELOPE, *_HEADERS))]
        )
        return DeadLetter(
            columns.position, aware(columns.refused_at), columns.refusal, shown_message(message)
        )

    def purging(self, dead: sa.ColumnElement[bool]) -> sa.Delete:
        """Delete the rows of purged dead letters."""
        return sa.delete(self._table).where(dead)

    def _update(self, backend: Backend) -> sa.Update:
        """A statement that marks rows as sent; SQLAlchemy compiles it once for each backend."""
        chosen = backend.among(self._table.c.position)
        return sa.update(self._table).where(chosen).values(sent_at=sa.func.now())

    async def _run_read_only(self, function: Callable[[sa.Connection], T]) -> T:
        return await self.database.run(function, read_only=True)


def _messages(columns: Any) -> Any:
    return sa.select(columns.position, *(columns[name] for name in (*ENVELOPE, *_HEADERS)))


def _message(row: Sequence[Any]) -> StreamMessage:
    """Written out, since the relay calls it for each message: a loop takes twice as long."""
    position, id_, created_at, type_, payload, stream_key, correlation, causation, *span = row
    headers = {"position": str(position), "stream_key": stream_key}
    if correlation is not None:
        headers["correlation_id"] = correlation
    if causation is not None:
        headers["causation_id"] = causation
    if span[0] is not None:
        headers["traceparent"] = span[0]
    if span[1] is not None:
        headers["tracestate"] = span[1]
    envelope = {"id": id_, "created_at": created_at, "type": type_, "payload": payload}
    return StreamMessage(envelope, headers)
