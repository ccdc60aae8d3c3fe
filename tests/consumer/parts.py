"""A stream, and a second service that consumes it: what every test of this folder needs."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import sqlalchemy as sa
from lastuuid import uuid7

from messagebus import AsyncMessageBus, Event, MessageSerializer, Metadata
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlInbox,
    AsyncSqlStream,
    AsyncSqlUnitOfWork,
    EventstoreTable,
    InboxTable,
    StreamTable,
)
from messagebus.consumer import AsyncConsumer
from messagebus.contracts import Upcasters
from messagebus.relay import AsyncAbstractStream, StreamMessage

NAME = "newsletter"

metadata = sa.MetaData()
stream_table = StreamTable(metadata)
inbox_table = InboxTable(metadata)
eventstore_table = EventstoreTable(metadata)
applied = sa.Table(
    "applied",
    metadata,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("id", sa.String(36), nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
)


class Counted(Event):
    """What the stream tells this service, in its second version."""

    key: str
    n: int
    metadata: Metadata = Metadata(name="counted", schema_version=2)


class Unheard(Event):
    """Known here, and without a handler."""

    n: int
    metadata: Metadata = Metadata(name="unheard", schema_version=1)


upcasters = Upcasters()


@upcasters.step("counted", 1)
def with_a_key(payload: dict[str, Any]) -> dict[str, Any]:
    return {"key": "old", **payload}


Uow = AsyncSqlUnitOfWork
Handler = Callable[[Counted, Uow], Awaitable[None]]


async def note(event: Counted, transaction: Uow) -> None:
    """The effect: a row for each message, so that a second one of the same shows."""
    row = {"id": str(event.message_id), "key": event.key, "n": event.n}
    await transaction.session.run(lambda connection: connection.execute(applied.insert(), row))


def bus_of(handler: Handler = note) -> AsyncMessageBus:
    async def handle(event: Counted, transaction: Uow) -> None:
        await handler(event, transaction)

    bus = AsyncMessageBus()
    bus.add_listener(Counted, handle)
    return bus


def stream_of(database: AsyncSqlDatabase) -> AsyncSqlStream:
    return AsyncSqlStream(database, stream_table, poll=0.001)


def inbox_of(database: AsyncSqlDatabase) -> AsyncSqlInbox[Uow]:
    return AsyncSqlInbox(database, inbox_table, NAME)


def consumer_of(
    database: AsyncSqlDatabase,
    handler: Handler = note,
    *,
    stream: AsyncAbstractStream | None = None,
    inbox: AsyncSqlInbox[Uow] | None = None,
    trusted: bool = True,
    **options: Any,
) -> AsyncConsumer[Uow]:
    """A consumer whose attempts follow each other at once; `trusted`, from the first batch on."""
    quick: dict[str, Any] = {"first_delay": 0.0, "max_attempts": 3, "poll": 0.001, **options}
    consumer = AsyncConsumer(
        bus_of(handler),
        lambda: Uow(database, eventstore_table),
        stream or stream_of(database),
        inbox or inbox_of(database),
        messages=[Counted, Unheard],
        upcasters=upcasters,
        **quick,
    )
    if trusted:
        consumer.suspected = 0
    return consumer


def counted(n: int, key: str = "k", **changes: str) -> StreamMessage:
    """A message of the stream; `changes` are those of its envelope."""
    event = Counted(message_id=uuid7(), key=key, n=n)
    envelope = {**MessageSerializer().serialize_message(event), **changes}
    return StreamMessage(envelope, {"position": str(n), "stream_key": key})


async def publish(database: AsyncSqlDatabase, *messages: StreamMessage) -> Sequence[StreamMessage]:
    await stream_of(database).publish(messages)
    return messages


async def effects(database: AsyncSqlDatabase) -> list[tuple[str, int]]:
    """The key and the number of each effect, in order."""
    query = sa.select(applied.c.key, applied.c.n).order_by(applied.c.number)
    rows = await database.run(lambda each: each.execute(query).all(), read_only=True)
    return [(row[0], row[1]) for row in rows]


async def numbers(database: AsyncSqlDatabase) -> list[int]:
    return [n for _, n in await effects(database)]


async def rows_of(database: AsyncSqlDatabase, table: sa.Table) -> Sequence[sa.Row[Any]]:
    query = sa.select(table).order_by(*table.primary_key)
    return await database.run(lambda each: each.execute(query).all(), read_only=True)
