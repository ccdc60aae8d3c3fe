"""The event store as the relay's outbox: rows wait as long as `sent_at` is null."""

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
        refused = table.table.alias("refused")
        self._parked = sa.exists().where(
            refused.c.stream_key == columns.stream_key,
            refused.c.refused_at.is_not(None),
            refused.c.position < columns.position,
        )
        self._waiting = _messages(columns).where(self._alive, ~self._parked)
        if shard is not None and shard.count > 1:
            self._waiting = self._waiting.where(columns.slot % shard.count == shard.index)
        self._waiting = self._waiting.order_by(columns.position).limit(sa.bindparam("limit"))
        self._update_of = cache(self._update)

    async def waiting(self, limit: int) -> Sequence[OutboxMessage]:
        """The first that wait, in order of position, without those of a parked stream key.

        A row with bytes that are no text is made a dead letter here: no later look can read it.
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

        found = await self._reading(read)
        if not undecodable:
            return found
        for position, reason in undecodable.items():
            _log.error("message %d is a dead letter: %s", position, reason)
            await self.reject(position, reason)
        return await self.waiting(limit)

    async def mark_sent(self, positions: Sequence[int]) -> None:
        """Remember, by the database's clock, that the stream has confirmed these."""

        def mark(connection: sa.Connection) -> None:
            backend = backend_of(connection)
            backend.prefer_indexes(connection)
            parameters = {"positions": backend.parameter(positions)}
            connection.execute(self._update_of(backend), parameters)

        await self._database.run(mark)

    async def reject(self, position: int, reason: str) -> None:
        """Make the message a dead letter, which parks its stream key until it is dealt with.

        What the database cannot keep of the reason is escaped: a broker says what it likes.
        """
        refuse = (
            sa.update(self._table)
            .where(self._table.c.position == position, self._alive)
            .values(refused_at=sa.func.now(), refusal=escaped(reason))
        )
        await self._database.run(lambda connection: connection.execute(refuse))

    async def purge(self, retention: timedelta, limit: int = _CHUNK) -> int:
        """Delete at most `limit` messages that were sent longer ago than that; say how many."""
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
        """Let everything sent from this position on be sent again; return how many it is.

        The answer to a stream that has lost what it confirmed. In bounded transactions, oldest
        first, so that the order by stream key is kept.
        """
        columns = self._table.c
        last = await self._reading(
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
        """Count the messages; the sent ones are counted one by one, which takes its time."""
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

        return await self._reading(look)

    async def leader(self) -> str | None:
        """The relay that sends now, as people may read it; `None` where there is none."""
        return await leader_of(self._database, self._eventstore).holder()

    async def published(
        self, after: int, limit: int = _CHUNK
    ) -> Sequence[tuple[int, Mapping[str, Any]]]:
        """The published envelopes behind a position, each with its own, in order of position."""
        return await self._reading(lambda each: self._eventstore.load(each, after, limit))

    async def before_last(self, number: int) -> int:
        """The position that the last so many published envelopes are behind; 0 for all of them."""
        return await self._reading(lambda each: self._eventstore.before_last(number, each))

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

        return await self._reading(read)

    async def replay_dead_letters(self, positions: Sequence[int] | None = None) -> int:
        """Let these dead letters, or all, be sent again, and what is parked behind them."""
        again = sa.update(self._table).where(self._dead(positions))
        again = again.values(refused_at=None, refusal=None)
        return await self._database.run(lambda connection: connection.execute(again).rowcount)

    async def purge_dead_letters(self, positions: Sequence[int] | None = None) -> int:
        """Delete these dead letters, or all, and let what is parked behind them go on."""
        purge = sa.delete(self._table).where(self._dead(positions))
        return await self._database.run(lambda connection: connection.execute(purge).rowcount)

    def _update(self, backend: Backend) -> sa.Update:
        """Mark rows as sent: a statement for each database, which SQLAlchemy compiles once."""
        chosen = backend.among(self._table.c.position)
        return sa.update(self._table).where(chosen).values(sent_at=sa.func.now())

    def _dead(self, positions: Sequence[int] | None) -> sa.ColumnElement[bool]:
        columns = self._table.c
        dead = columns.refused_at.is_not(None)
        return dead if positions is None else sa.and_(dead, columns.position.in_(positions))

    async def _reading(self, function: Callable[[sa.Connection], T]) -> T:
        return await self._database.run(function, read_only=True)


def _messages(columns: Any) -> Any:
    return sa.select(columns.position, *(columns[name] for name in (*ENVELOPE, *_HEADERS)))


def _message(row: Sequence[Any]) -> StreamMessage:
    """Written out, since a relay does it for each message: a loop over the names takes twice."""
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
