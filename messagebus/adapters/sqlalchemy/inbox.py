"""The inbox in the consumer's own database, in the transaction of a message's effect."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from typing import Any, ClassVar, TypeVar

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy.backends import backend_of
from messagebus.adapters.sqlalchemy.database import AsyncSqlDatabase
from messagebus.adapters.sqlalchemy.errors import (
    DatabaseUnavailableError,
    RetryableTransactionError,
)
from messagebus.adapters.sqlalchemy.inbox_table import InboxTable
from messagebus.adapters.sqlalchemy.leader import consumer_leader_of
from messagebus.adapters.sqlalchemy.parking import SqlDeadLetters
from messagebus.adapters.sqlalchemy.postgresql_leader import AdvisoryLockLeader
from messagebus.adapters.sqlalchemy.retry import retry_transaction
from messagebus.adapters.sqlalchemy.rows import age_of, aware, escaped, shown_message
from messagebus.adapters.sqlalchemy.sqlite_leader import FileLockLeader
from messagebus.adapters.sqlalchemy.stream_consumers import check_consumer
from messagebus.adapters.sqlalchemy.unit_of_work import AsyncSqlUnitOfWork
from messagebus.consumer.inbox import (
    Arrival,
    AsyncAbstractInbox,
    HeldMessage,
    InboxStatus,
    Taken,
)
from messagebus.contracts import UnreadableMessageError
from messagebus.relay.codec import decode
from messagebus.relay.outbox import DeadLetter
from messagebus.relay.stream import StreamMessage

T = TypeVar("T")
TSqlUow = TypeVar("TSqlUow", bound=AsyncSqlUnitOfWork)

_HELD = ("position", "body", "headers", "attempts", "refusal")
_DONE: Mapping[str, Any] = {"body": None, "headers": None, "due_at": None, "refusal": None}


class AsyncSqlInbox(SqlDeadLetters, AsyncAbstractInbox[TSqlUow]):
    """The messages of one consumer in an `InboxTable`, for units of work on the same database."""

    unavailable: ClassVar[tuple[type[Exception], ...]] = (DatabaseUnavailableError,)

    def __init__(self, database: AsyncSqlDatabase, table: InboxTable, consumer: str) -> None:
        """Store the messages of the consumer with this name, of at most 255 characters."""
        check_consumer(consumer)
        super().__init__(database, table.rows_of(consumer))
        self.consumer = consumer
        self._inbox = table
        self._table = table.table
        self._epoch = 0
        self._lock: AdvisoryLockLeader | FileLockLeader | None = None

    @property
    def lock(self) -> AdvisoryLockLeader | FileLockLeader:
        """The lock of the one process that consumes under this name."""
        if self._lock is None:
            self._lock = consumer_leader_of(self.database, self._inbox, self.consumer)
        return self._lock

    async def begin(self) -> None:
        """Let this process consume, and exclude all that began before."""
        self._epoch = await self.database.run(partial(self._inbox.begin, consumer=self.consumer))

    async def transact(
        self,
        unit_of_work: TSqlUow,
        work: Callable[[TSqlUow], Awaitable[T]],
        retry_on: tuple[type[Exception], ...],
    ) -> T:
        """Await the work, which commits, in a transaction; again after `retry_on` or a conflict."""
        return await retry_transaction(
            unit_of_work, work, retry_on=(RetryableTransactionError, *retry_on)
        )

    async def take(self, transaction: TSqlUow, arrivals: Sequence[Arrival]) -> Taken:
        """Insert the arrivals that are new, in the transaction of their effects."""
        taken = await transaction.session.run(self._take, arrivals)
        transaction.session.commits = False
        return taken

    async def mark_applied(self, transaction: TSqlUow, position: int) -> None:
        """Mark a held message as applied, in the transaction of its effect."""
        done = self._held(position).values(_DONE)
        await transaction.session.run(self._change, done)
        transaction.session.commits = False

    def release(self, transaction: TSqlUow) -> None:
        """Let the transaction commit."""
        transaction.session.commits = True

    def follow(self, transaction: TSqlUow, headers: Mapping[str, str]) -> None:
        """Let the next messages of the journal belong to the correlation and span of headers."""
        journal = transaction.journal
        journal.correlation_id = headers.get("correlation_id")
        journal.traceparent = headers.get("traceparent")
        journal.tracestate = headers.get("tracestate")

    async def hold(self, arrivals: Sequence[Arrival]) -> Taken:
        """Insert the arrivals that are new and hold each of them, in a transaction of its own."""
        for each in arrivals:
            each.held = True
        return await self.database.run(partial(self._take, arrivals=arrivals))

    async def due(self, now: float, limit: int) -> Sequence[HeldMessage]:
        """The first held messages of their keys whose time has come, in order of position."""
        columns = self._table.c
        query = (
            sa.select(*(columns[name] for name in _HELD))
            .where(self.rows.alive, columns.due_at <= now, ~self.rows.parked)
            .order_by(columns.position)
            .limit(limit)
        )
        rows = await self.database.run(lambda each: each.execute(query).all(), read_only=True)
        return [
            HeldMessage(row.position, row.body, _loaded(row.headers), row.attempts, row.refusal)
            for row in rows
        ]

    async def count_attempt(self, position: int, due_at: float) -> None:
        """Count an attempt before it is made; commit that, and the time of the next one."""
        attempts = self._table.c.attempts + 1
        await self.change(self._held(position).values(attempts=attempts, due_at=due_at))

    async def return_attempt(self, position: int) -> None:
        """Take back the last attempt, which the database interrupted."""
        attempts = self._table.c.attempts - 1
        await self.change(self._held(position).values(attempts=attempts, due_at=0.0))

    async def fail(self, position: int, reason: str) -> None:
        """Store the reason of an attempt's failure."""
        await self.change(self._held(position).values(refusal=escaped(reason)))

    async def purge(self, retention: timedelta, limit: int) -> int:
        """Delete at most `limit` messages that were done longer ago than that; return how many."""
        columns = self._table.c

        def purge(connection: sa.Connection) -> int:
            old = (
                sa.select(columns.position)
                .where(
                    self.rows.own,
                    columns.body.is_(None),
                    columns.received_at < backend_of(connection).before_now(retention),
                )
                .order_by(columns.received_at)
                .limit(limit)
            )
            return self._change(connection, sa.delete(self._table).where(columns.position.in_(old)))

        return await self.database.run(purge)

    async def status(self) -> InboxStatus:
        """Count the messages; this reads each row that is done."""
        columns, rows = self._table.c, self.rows
        oldest = sa.select(sa.func.min(columns.received_at)).where(rows.alive)

        def look(connection: sa.Connection) -> InboxStatus:
            first = connection.scalar(oldest)
            return InboxStatus(
                waiting=rows.count(connection, rows.alive),
                oldest_age=None if first is None else age_of(aware(first)),
                parked=rows.count(connection, rows.alive, rows.parked),
                dead=rows.count(connection, rows.dead),
                done=rows.count(connection, rows.own, columns.body.is_(None)),
            )

        return await self.database.run(look, read_only=True)

    async def leader(self) -> str | None:
        """A description of the process that consumes now; `None` if there is none."""
        return await self.lock.holder()

    def read_dead_letter(self, row: Sequence[Any]) -> DeadLetter:
        """The dead letter in a row; a body that is no message is shown as a payload."""
        columns: Any = row
        headers = _loaded(columns.headers)
        try:
            message = decode(columns.body, headers)
        except UnreadableMessageError:
            envelope = {"id": columns.id, "created_at": "", "type": "", "payload": columns.body}
            message = StreamMessage(envelope, headers)
        return DeadLetter(
            columns.position, aware(columns.refused_at), columns.refusal, shown_message(message)
        )

    def purging(self, dead: sa.ColumnElement[bool]) -> sa.Update:
        """Let purged dead letters be done: their ids stay, so that they are not applied again."""
        return sa.update(self._table).where(dead).values({**_DONE, "refused_at": None})

    def replayed(self) -> Mapping[str, Any]:
        """The values of a dead letter that is tried again, at once and from the first attempt."""
        return {**super().replayed(), "attempts": 0, "due_at": 0.0}

    async def change(self, statement: sa.Update | sa.Delete) -> int:
        """Execute a statement as the process that consumes."""
        return await self.database.run(partial(self._change, statement=statement))

    def _change(self, connection: sa.Connection, statement: sa.Update | sa.Delete) -> int:
        self._inbox.check(connection, self.consumer, self._epoch)
        return connection.execute(statement).rowcount

    def _held(self, position: int) -> sa.Update:
        return sa.update(self._table).where(self._table.c.position == position, self.rows.alive)

    def _take(self, connection: sa.Connection, arrivals: Sequence[Arrival]) -> Taken:
        self._inbox.check(connection, self.consumer, self._epoch)
        insert = self._inbox.insert_of(backend_of(connection))
        keys = {each.stream_key for each in arrivals}
        parked = self._inbox.parked_keys(connection, self.consumer, keys)
        applicable: list[Mapping[str, Any]] = []
        held: set[str] = set()
        dead: set[str] = set()
        for each in arrivals:
            if not (each.held or each.rejection or each.stream_key in parked):
                applicable.append(self._row(each))
                continue
            found = connection.scalars(insert.values(self._held_row(each))).all()
            (dead if each.rejection else held).update(found)
            if found:
                parked.add(each.stream_key)
        new = connection.scalars(insert, applicable).all() if applicable else []
        return Taken(frozenset(new), frozenset(held), frozenset(dead))

    def _row(self, arrival: Arrival) -> Mapping[str, Any]:
        return {"consumer": self.consumer, "id": arrival.id, "stream_key": arrival.stream_key}

    def _held_row(self, arrival: Arrival) -> Mapping[str, Any]:
        reason = arrival.rejection or arrival.failure
        return {
            **self._row(arrival),
            "body": arrival.body,
            "headers": json.dumps(dict(arrival.headers)).encode(),
            "attempts": arrival.attempts,
            "due_at": arrival.due_at,
            "refusal": None if reason is None else escaped(reason),
            "refused_at": sa.func.now() if arrival.rejection else None,
        }


def _loaded(headers: bytes) -> Mapping[str, str]:
    loaded: dict[str, str] = json.loads(headers)
    return loaded
