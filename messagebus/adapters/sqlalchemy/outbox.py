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
from messagebus.adapters.sqlalchemy.rows import age_of, aware, escaped, shown_message
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
_CHUNK = 1000


class AsyncSqlOutbox(AsyncAbstractManagedOutbox):
    """The outbox of one event store, or one shard of it."""

    def __init__(
        self, database: AsyncSqlDatabase, table: EventstoreTable, shard: Shard | None = None
    ) -> None:
        self._database = database
        self._eventstore = table
        self._table = table.table
        columns = table.table.c
        self._alive = sa.and_(table.waits, columns.refused_at.is_(None))
        dead = table.table.alias("dead")
        self._parked = sa.exists().where(
            dead.c.stream_key == columns.stream_key,
            dead.c.refused_at.is_not(None),
            dead.c.position < columns.position,
        )
        self._waiting = _messages(columns).where(self._alive, ~self._parked)
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

        await self._database.run(mark)

    async def reject(self, position: int, reason: str) -> None:
        """Make the message a dead letter, which parks its stream key until a replay or a purge.

        Characters of the reason that a database cannot store are escaped: it is a broker's text.
        """
        reject = (
            sa.update(self._table)
            .where(self._table.c.position == position, self._alive)
            .values(refused_at=sa.func.now(), refusal=escaped(reason))
        )
        await self._database.run(lambda connection: connection.execute(reject))

    async def purge(self, retention: timedelta, limit: int = _CHUNK) -> int:
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

        return await self._database.run(purge)

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
            chunk = columns.position.between(position, min(position + _CHUNK - 1, last))
            again = sa.update(self._table).where(chunk, columns.sent_at.is_not(None))
            return connection.execute(again.values(sent_at=None)).rowcount

        replayed = 0
        while position <= last:
            replayed += await self._database.run(replay)
            position += _CHUNK
        return replayed

    async def status(self) -> OutboxStatus:
        """Count the messages; this reads each sent row, which takes long in a large table."""
        columns = self._table.c
        count = sa.select(sa.func.count()).select_from(self._table)
        waiting_first = sa.select(columns.created_at).where(self._alive)
        oldest_first = waiting_first.order_by(columns.position).limit(1)

        def look(connection: sa.Connection) -> OutboxStatus:
            numbers = [
                connection.scalar(count.where(condition)) or 0
                for condition in (
                    self._alive,
                    columns.sent_at.is_not(None),
                    sa.and_(self._alive, self._parked),
                    columns.refused_at.is_not(None),
                )
            ]
            oldest = backend_of(connection).fetch(connection, oldest_first)
            waiting, sent, parked, dead = numbers
            return OutboxStatus(
                waiting, age_of(oldest[0][0]) if oldest else None, sent, parked, dead
            )

        return await self._run_read_only(look)

    async def leader(self) -> str | None:
        """A description of the relay that leads now; `None` if no relay leads."""
        return await leader_of(self._database, self._eventstore).holder()

    async def published(
        self, after: int, limit: int = _CHUNK
    ) -> Sequence[tuple[int, Mapping[str, Any]]]:
        """The published envelopes behind a position in order, each with its own position."""
        return await self._run_read_only(lambda each: self._eventstore.load(each, after, limit))

    async def before_last(self, number: int) -> int:
        """The position in front of the last `number` published envelopes; 0 if there are fewer."""
        return await self._run_read_only(lambda each: self._eventstore.before_last(number, each))

    async def dead_letters(self, after: int = 0, limit: int = _CHUNK) -> Sequence[DeadLetter]:
        """The dead letters behind a position, in order."""
        columns = self._table.c
        query = (
            _messages(columns)
            .add_columns(columns.refusal, columns.refused_at)
            .where(columns.refused_at.is_not(None), columns.position > after)
            .order_by(columns.position)
            .limit(limit)
        )

        def read(connection: sa.Connection) -> Sequence[DeadLetter]:
            return [_dead_letter(row) for row in backend_of(connection).fetch(connection, query)]

        return await self._run_read_only(read)

    async def replay_dead_letters(self, positions: Sequence[int] | None = None) -> int:
        """Send these dead letters, or all, again, and the messages parked behind them."""
        again = sa.update(self._table).where(self._dead(positions))
        again = again.values(refused_at=None, refusal=None)
        return await self._database.run(lambda connection: connection.execute(again).rowcount)

    async def purge_dead_letters(self, positions: Sequence[int] | None = None) -> int:
        """Delete these dead letters, or all; the messages parked behind them wait no longer."""
        purge = sa.delete(self._table).where(self._dead(positions))
        return await self._database.run(lambda connection: connection.execute(purge).rowcount)

    def _update(self, backend: Backend) -> sa.Update:
        """A statement that marks rows as sent; SQLAlchemy compiles it once for each backend."""
        chosen = backend.among(self._table.c.position)
        return sa.update(self._table).where(chosen).values(sent_at=sa.func.now())

    def _dead(self, positions: Sequence[int] | None) -> sa.ColumnElement[bool]:
        columns = self._table.c
        dead = columns.refused_at.is_not(None)
        return dead if positions is None else sa.and_(dead, columns.position.in_(positions))

    async def _run_read_only(self, function: Callable[[sa.Connection], T]) -> T:
        return await self._database.run(function, read_only=True)


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


def _dead_letter(row: Sequence[Any]) -> DeadLetter:
    return DeadLetter(row[0], aware(row[-1]), row[-2], shown_message(_message(row)))
