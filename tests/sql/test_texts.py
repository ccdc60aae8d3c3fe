"""Text that only one of the databases can store is refused by both, when a message is added."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from messagebus import (
    AbstractMessageSerializer,
    AsyncEventstreamPublisher,
    AsyncSinkholeEventstreamTransport,
    Event,
    Message,
    MessageSerializer,
    Metadata,
    TransactionError,
)
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlOutbox,
    AsyncSqlUnitOfWork,
    EventstoreTable,
    SyncSqlUnitOfWork,
    open_sync_database,
)

KEYS: Mapping[str, Any] = {
    "too long": "k" * 256,
    "with a NUL": "k\0",
    "with a lone surrogate": "k\ud800",
    "a UUID": UUID(int=1),
    "bytes": b"k",
    "none": None,
}
LONGEST_KEY = "🦉" * 255
OUTSIDE = {"a NUL": "no '\0' here", "a surrogate": "no \ud800 here", "both": "\0\udcff\0"}

metadata = sa.MetaData()


class Noted(Event):
    key: str
    metadata: Metadata = Metadata(name="noted", schema_version=1, published=True)


def stream_key(message: Message[Any]) -> Any:
    """The value that the message's key names, or the key itself."""
    return KEYS.get(message.key, message.key) if isinstance(message, Noted) else ""


table = EventstoreTable(metadata, stream_key=stream_key)


class LongNamed(Noted):
    metadata: Metadata = Metadata(name="n" * 300, schema_version=1, published=True)


class Rewriting(AbstractMessageSerializer):
    """Says one part of the envelope in another way."""

    def __init__(self, **parts: object) -> None:
        self._parts = parts

    def serialize_message(self, message: Message[Any]) -> Mapping[str, Any]:
        return {**MessageSerializer().serialize_message(message), **self._parts}


@pytest.fixture
async def database(each_database: AsyncSqlDatabase) -> AsyncSqlDatabase:
    await each_database.run(metadata.drop_all)
    await each_database.create(metadata)
    return each_database


def keys(connection: sa.Connection) -> list[str]:
    columns = table.table.c
    return list(connection.scalars(sa.select(columns.stream_key).order_by(columns.position)))


@pytest.mark.parametrize("key", KEYS)
async def test_a_key_that_one_database_cannot_keep_is_refused_when_it_is_added(
    database: AsyncSqlDatabase, key: str
) -> None:
    async with AsyncSqlUnitOfWork(database, table) as transaction:
        with pytest.raises(TransactionError, match="Noted cannot be stored: its stream_key"):
            await transaction.eventstore.add(Noted(key=key))
        await transaction.eventstore.add(Noted(key=LONGEST_KEY))
        await transaction.commit()
    assert await database.run(keys) == [LONGEST_KEY]


@pytest.mark.parametrize("key", KEYS)
def test_the_sync_variant_refuses_such_a_key_alike(each_url: str, key: str) -> None:
    database = open_sync_database(each_url)
    database.create(metadata)
    with SyncSqlUnitOfWork(database, table) as transaction:
        with pytest.raises(TransactionError, match="Noted cannot be stored: its stream_key"):
            transaction.eventstore.add(Noted(key=key))
        transaction.eventstore.add(Noted(key=LONGEST_KEY))
        transaction.commit()
    with database.engine.begin() as connection:
        assert keys(connection) == [LONGEST_KEY]
    database.close()


async def test_a_type_that_is_too_long_is_refused_when_it_is_added(
    database: AsyncSqlDatabase,
) -> None:
    async with AsyncSqlUnitOfWork(database, table) as transaction:
        with pytest.raises(TransactionError, match="its type has 303 characters, and 255"):
            await transaction.eventstore.add(LongNamed(key="k"))
        await transaction.commit()


@pytest.mark.parametrize(
    ("correlation_id", "traceparent", "tracestate", "actor"),
    [
        ("c" * 256, None, None, None),
        ("c\0", None, None, None),
        ("c", "t" * 56, None, None),
        ("c", "t" * 55, "s" * 513, None),
        ("c", "t" * 55, "s" * 512, "a" * 256),
        ("c", None, None, "a\0"),
    ],
)
async def test_a_request_s_metadata_that_is_too_long_or_no_text_is_refused(
    database: AsyncSqlDatabase,
    correlation_id: str,
    traceparent: str | None,
    tracestate: str | None,
    actor: str | None,
) -> None:
    async with AsyncSqlUnitOfWork(database, table) as transaction:
        transaction.journal.correlation_id = correlation_id
        transaction.journal.traceparent = traceparent
        transaction.journal.tracestate = tracestate
        transaction.journal.actor = actor
        with pytest.raises(TransactionError, match=r"its (correlation_id|trace\w+|actor) "):
            await transaction.eventstore.add(Noted(key="k"))
        await transaction.commit()


@pytest.mark.parametrize(
    "part", [{"payload": b"{}"}, {"payload": "{\0}"}, {"id": "i" * 37}, {"created_at": 1}]
)
async def test_an_envelope_that_one_database_cannot_keep_is_refused_when_it_is_added(
    database: AsyncSqlDatabase, part: Mapping[str, object]
) -> None:
    publisher = AsyncEventstreamPublisher(AsyncSinkholeEventstreamTransport(), Rewriting(**part))
    async with AsyncSqlUnitOfWork(database, table, publisher) as transaction:
        with pytest.raises(
            TransactionError, match=f"Noted cannot be stored: its {next(iter(part))} "
        ):
            await transaction.eventstore.add(Noted(key="k"))
        await transaction.commit()


@pytest.mark.parametrize("reason", OUTSIDE.values(), ids=OUTSIDE)
async def test_a_refusal_that_no_database_can_keep_makes_a_dead_letter_with_its_escapes(
    database: AsyncSqlDatabase, reason: str
) -> None:
    async with AsyncSqlUnitOfWork(database, table) as transaction:
        await transaction.eventstore.add(Noted(key="bad"))
        await transaction.eventstore.add(Noted(key="good"))
        await transaction.commit()
    outbox = AsyncSqlOutbox(database, table)
    await outbox.reject(1, reason)
    (letter,) = await outbox.dead_letters()
    assert (
        letter.refusal == reason.replace("\0", r"\x00").encode(errors="backslashreplace").decode()
    )
    assert [each.position for each in await outbox.waiting(9)] == [2]
