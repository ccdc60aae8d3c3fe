"""A row that cannot be decoded is named by table and position, and other rows go on."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest
import sqlalchemy as sa

from messagebus import ConfigurationError
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlOutbox,
    AsyncSqlStream,
    leader_of,
    open_database,
)
from messagebus.contracts import UnreadableMessageError
from messagebus.relay import (
    AsyncRelay,
    LostPositionError,
    MessageRejectedError,
    StreamMessage,
    UndecodableMessageError,
)
from messagebus.testing import stream_messages
from tests.relay.deliveries import id_of
from tests.relay.test_sql_outbox import lent, metadata, publish, stream_table, table, taken
from tests.waiting import TIMEOUT

NO_UTF8 = "CAST(x'7bff7d' AS TEXT)"


@pytest.fixture
async def database(each_database: AsyncSqlDatabase) -> AsyncSqlDatabase:
    await each_database.run(metadata.drop_all)
    await each_database.create(metadata)
    return each_database


@pytest.fixture
def stream(database: AsyncSqlDatabase) -> AsyncSqlStream:
    return AsyncSqlStream(database, stream_table, poll=0.001)


@pytest.fixture
async def sqlite(file: Path) -> AsyncGenerator[AsyncSqlDatabase, None]:
    """A server keeps no bytes in a column of text; SQLite does."""
    database = open_database(f"sqlite:///{file}")
    await database.create(metadata)
    yield database
    await database.close()


async def edit(database: AsyncSqlDatabase, edited: sa.Table, position: int, **values: str) -> None:
    """Write other values, which are SQL, into a row."""
    statement = (
        sa.update(edited)
        .where(edited.c.position == position)
        .values({name: sa.literal_column(value) for name, value in values.items()})
    )
    await database.run(lambda connection: connection.execute(statement))


async def read(stream: AsyncSqlStream, count: int, consumer: str = "reader") -> list[str]:
    ids = []
    async with asyncio.timeout(TIMEOUT), aclosing(stream.consume(consumer)) as deliveries:
        for _ in range(count):
            delivery = await anext(deliveries)
            ids.append(id_of(delivery))
            await delivery.ack()
    return ids


HEADERS = ['{"position": "1"', "", "[]", "null", '{"position": 1}', '{"a": "\\ud800"}', "{}{}"]


@pytest.mark.parametrize("headers", HEADERS)
async def test_a_row_of_the_stream_whose_headers_are_no_json_is_named_and_skipped_on_request(
    database: AsyncSqlDatabase, stream: AsyncSqlStream, headers: str
) -> None:
    await stream.publish(stream_messages(3))
    await edit(database, stream_table.table, 2, headers=f"'{headers}'")
    assert await read(stream, 1) == ["book-0"]
    for _ in range(2):
        with pytest.raises(UnreadableMessageError):
            await read(stream, 1)
    with pytest.raises(UndecodableMessageError, match="stream, position 2: the row") as raised:
        await stream.behind(1)
    assert (raised.value.place, raised.value.position) == ("stream", 2)
    await stream.skip("reader", 2)
    assert await read(stream, 1) == ["book-2"]


@pytest.mark.parametrize("column", ["id", "created_at", "type", "payload", "headers"])
@pytest.mark.parametrize("value", [NO_UTF8, "x'00ff'"])
async def test_a_row_of_the_stream_that_is_no_text_is_named_and_skipped_on_request(
    sqlite: AsyncSqlDatabase, column: str, value: str
) -> None:
    stream = AsyncSqlStream(sqlite, stream_table, poll=0.001)
    await stream.publish(stream_messages(3))
    await edit(sqlite, stream_table.table, 2, **{column: value})
    assert await read(stream, 1) == ["book-0"]
    with pytest.raises(UnreadableMessageError):
        await read(stream, 1)
    with pytest.raises(UndecodableMessageError, match=f"position 2: .*{column}"):
        await stream.behind(1)
    await stream.skip("reader", 2)
    assert await read(stream, 1) == ["book-2"]


async def test_a_decodable_row_is_not_skipped(
    database: AsyncSqlDatabase, stream: AsyncSqlStream
) -> None:
    await stream.publish(stream_messages(4))
    await edit(database, stream_table.table, 3, headers="''")
    assert await read(stream, 1) == ["book-0"]
    for position in (0, 1, 3, 4):
        with pytest.raises(ConfigurationError, match="is not the next row"):
            await stream.skip("reader", position)
    with pytest.raises(ConfigurationError, match="has a message at 2"):
        await stream.skip("reader", 2)
    assert await read(stream, 1) == ["book-1"]
    await stream.skip("reader", 3)
    with pytest.raises(ConfigurationError, match="has a message at 4"):
        await stream.skip("reader", 4)
    assert await read(stream, 1) == ["book-3"]


async def test_a_consumer_of_the_table_is_begun_anew(stream: AsyncSqlStream) -> None:
    await stream.publish(stream_messages(2))
    assert await read(stream, 2) == ["book-0", "book-1"]
    with pytest.raises(ConfigurationError, match="there is no consumer 'raeder'"):
        await stream.begin_anew("raeder")
    await stream.begin_anew("reader")
    assert await read(stream, 2) == ["book-0", "book-1"]


def make_anew(connection: sa.Connection) -> None:
    stream_table.table.drop(connection)
    stream_table.table.create(connection)


async def test_a_consumer_gets_an_error_for_another_table(
    database: AsyncSqlDatabase, stream: AsyncSqlStream
) -> None:
    await stream.publish(stream_messages(3))
    assert await read(stream, 3) == ["book-0", "book-1", "book-2"]
    async with aclosing(stream.consume("reader")) as deliveries:
        waiting = asyncio.create_task(anext(deliveries))
        await database.run(make_anew)
        await stream.publish(stream_messages(1, key="other"))
        with pytest.raises(LostPositionError, match="stream ends at 1, in front of position 3"):
            await asyncio.wait_for(waiting, TIMEOUT)
    for _ in range(2):
        with pytest.raises(LostPositionError):
            await read(stream, 1)
    await stream.begin_anew("reader")
    assert await read(stream, 1) == ["other-0"]


ENVELOPE = {"id": "1", "created_at": "x", "type": "t_v1", "payload": "{}"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("payload", "a\0b"),
        ("payload", "\ud800"),
        ("id", "x" * 37),
        ("created_at", "x" * 33),
        ("type", "t" * 256),
    ],
)
async def test_a_message_that_one_of_the_databases_cannot_keep_is_refused_by_both(
    stream: AsyncSqlStream, name: str, value: str
) -> None:
    first, last = stream_messages(2)
    bad = StreamMessage({**ENVELOPE, name: value}, {})
    with pytest.raises(MessageRejectedError, match=f"its {name}") as refused:
        await stream.publish([first, bad, last])
    assert refused.value.confirmed == 1
    assert await read(stream, 1) == ["book-0"]


@pytest.mark.parametrize("column", ["id", "created_at", "type", "payload", "correlation_id"])
@pytest.mark.parametrize("value", [NO_UTF8, "x'00ff'"])
async def test_a_row_of_the_outbox_that_is_no_text_is_a_dead_letter_and_the_other_keys_go_on(
    sqlite: AsyncSqlDatabase, column: str, value: str, caplog: pytest.LogCaptureFixture
) -> None:
    stream = AsyncSqlStream(sqlite, stream_table)
    caplog.set_level(logging.ERROR)
    await publish(sqlite, *lent("a1", "b2", "a3", "b4"))
    await edit(sqlite, table.table, 1, **{column: value})
    outbox = AsyncSqlOutbox(sqlite, table)
    assert (await outbox.status()).waiting == 4
    relay = AsyncRelay(outbox, stream, leader_of(sqlite, table))
    assert await relay.drain() == 2
    assert await taken(stream, 2) == ["b2", "b4"]
    (letter,) = await outbox.dead_letters()
    assert letter.position == 1
    assert letter.refusal.startswith(f"eventstore, position 1: its {column} is no text")
    assert letter.refusal in caplog.text
    status = await outbox.status()
    assert (status.dead, status.parked) == (1, 1)

    assert await outbox.replay_dead_letters([1]) == 1
    assert await relay.drain() == 0
    await edit(sqlite, table.table, 1, **{column: "'mended 1}'"})
    assert await outbox.replay_dead_letters([1]) == 1
    assert await relay.drain() == 2


async def test_an_invalid_time_gives_no_age(database: AsyncSqlDatabase) -> None:
    await publish(database, *lent("a1"))
    await edit(database, table.table, 1, created_at="'yesterday'")
    assert (await AsyncSqlOutbox(database, table).status()).oldest_age is None
