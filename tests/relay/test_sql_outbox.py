"""The event store as an outbox, on both databases and with both streams of this package."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import aclosing
from datetime import timedelta
from pathlib import Path
from typing import TypeVar
from zlib import crc32

import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from messagebus import Event, Metadata
from messagebus.adapters.jsonlines import AsyncJsonLinesStream
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlOutbox,
    AsyncSqlStream,
    AsyncSqlUnitOfWork,
    DatabaseUnavailableError,
    EventstoreTable,
    PooledDatabase,
    StreamTable,
    leader_of,
    open_database,
)
from messagebus.relay import (
    AsyncAbstractStream,
    AsyncRelay,
    LedElsewhereError,
    MessageRejectedError,
    Shard,
    StreamMessage,
)
from messagebus.testing import stream_messages
from tests.relay.deliveries import message_of
from tests.sql.servers import PrivateServer
from tests.waiting import TIMEOUT

T = TypeVar("T")
metadata = sa.MetaData()
table = EventstoreTable(metadata, stream_key=lambda message: getattr(message, "key", ""))
stream_table = StreamTable(metadata)


class Lent(Event):
    key: str
    number: int
    metadata: Metadata = Metadata(name="lent", schema_version=1, published=True)


@pytest.fixture
async def database(each_database: AsyncSqlDatabase) -> AsyncSqlDatabase:
    await each_database.run(metadata.drop_all)
    await each_database.create(metadata)
    return each_database


@pytest.fixture(params=["table", "lines"])
def stream(
    request: pytest.FixtureRequest, database: AsyncSqlDatabase, tmp_path: Path
) -> AsyncAbstractStream:
    if request.param == "table":
        return AsyncSqlStream(database, stream_table)
    return AsyncJsonLinesStream(tmp_path / "stream.jsonl")


@pytest.fixture
def outbox(database: AsyncSqlDatabase) -> AsyncSqlOutbox:
    return AsyncSqlOutbox(database, table)


async def publish(database: AsyncSqlDatabase, *messages: Lent) -> None:
    async with AsyncSqlUnitOfWork(database, table) as transaction:
        for message in messages:
            await transaction.eventstore.add(message)
        await transaction.commit()


def lent(*what: str) -> Sequence[Lent]:
    """Messages written as key and number: `a1`."""
    return [Lent(key=each[0], number=int(each[1:])) for each in what]


def keys_and_numbers(messages: Sequence[StreamMessage]) -> list[str]:
    return [
        f"{message.headers['stream_key']}{message.envelope['payload'].rpartition(' ')[2][:-1]}"
        for message in messages
    ]


async def taken(stream: AsyncAbstractStream, count: int) -> list[str]:
    async with asyncio.timeout(TIMEOUT), aclosing(stream.consume("reader")) as deliveries:
        return keys_and_numbers([message_of(await anext(deliveries)) for _ in range(count)])


class Refusing(AsyncSqlStream):
    """Rejects the named messages for good."""

    refused: Sequence[str] = ()

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        for number, what in enumerate(keys_and_numbers(batch)):
            if what in self.refused:
                await super().publish(batch[:number])
                raise MessageRejectedError(f"{what} is too large", confirmed=number)
        return await super().publish(batch)


async def test_committed_messages_are_sent_once_and_in_order(
    database: AsyncSqlDatabase, outbox: AsyncSqlOutbox, stream: AsyncAbstractStream
) -> None:
    messages = lent("a1", "b2", "a3", "a4", "b5")
    await publish(database, *messages)
    relay = AsyncRelay(outbox, stream, leader_of(database, table), batch=2)
    assert await relay.drain() == 5
    assert await relay.drain() == 0
    assert await taken(stream, 5) == ["a1", "b2", "a3", "a4", "b5"]
    async with aclosing(stream.consume("reader")) as deliveries:
        first = message_of(await anext(deliveries))
    assert first.envelope["id"] == str(messages[0].message_id)
    assert first.headers == {
        "position": "1",
        "stream_key": "a",
        "correlation_id": str(messages[0].message_id),
    }


async def test_a_dead_letter_parks_its_key_until_it_is_replayed(
    database: AsyncSqlDatabase, outbox: AsyncSqlOutbox
) -> None:
    await publish(database, *lent("a1", "b2", "a3", "b4"))
    stream = Refusing(database, stream_table)
    stream.refused = ["a1"]
    await AsyncRelay(outbox, stream, leader_of(database, table)).drain()
    await publish(database, *lent("a5", "b6"))

    again = AsyncSqlOutbox(database, table)
    await AsyncRelay(again, stream, leader_of(database, table)).drain()
    assert await taken(stream, 3) == ["b2", "b4", "b6"]
    status = await again.status()
    assert (status.waiting, status.sent, status.parked, status.dead) == (2, 3, 2, 1)
    (letter,) = await again.dead_letters()
    assert (letter.position, letter.refusal) == (1, "a1 is too large")
    assert keys_and_numbers([letter.message]) == ["a1"]

    stream.refused = []
    assert await again.replay_dead_letters([1]) == 1
    await AsyncRelay(again, stream, leader_of(database, table)).drain()
    assert await taken(stream, 6) == ["b2", "b4", "b6", "a1", "a3", "a5"]


async def test_a_purged_dead_letter_lets_its_key_go_on(
    database: AsyncSqlDatabase, outbox: AsyncSqlOutbox
) -> None:
    await publish(database, *lent("a1", "a2"))
    await outbox.reject(1, "too large")
    assert await outbox.purge_dead_letters([2]) == 0
    assert await outbox.purge_dead_letters() == 1
    assert keys_and_numbers([each.message for each in await outbox.waiting(9)]) == ["a2"]
    assert await outbox.dead_letters() == []


async def test_messages_that_the_stream_has_lost_are_sent_again(
    database: AsyncSqlDatabase, outbox: AsyncSqlOutbox
) -> None:
    await publish(database, *lent("a1", "a2", "a3"))
    stream = AsyncSqlStream(database, stream_table)
    relay = AsyncRelay(outbox, stream, leader_of(database, table))
    await relay.drain()
    await database.run(
        lambda connection: connection.execute(
            sa.delete(stream_table.table).where(stream_table.table.c.position > 1)
        )
    )
    assert await outbox.replay(2) == 2
    assert await relay.drain() == 2
    assert await taken(stream, 3) == ["a1", "a2", "a3"]


async def test_only_messages_that_were_sent_long_ago_are_purged(
    database: AsyncSqlDatabase, outbox: AsyncSqlOutbox
) -> None:
    await publish(database, *lent("a1", "a2", "a3", "a4"))
    await outbox.mark_sent([1, 2, 3])
    assert await outbox.purge(timedelta(days=1)) == 0
    assert await outbox.purge(timedelta.max) == 0
    await database.run(
        lambda connection: connection.execute(
            sa.update(table.table)
            .where(table.table.c.position < 3)
            .values(sent_at=sa.text("'2020-01-01 00:00:00'"))
        )
    )
    assert await outbox.purge(timedelta(days=1), limit=1) == 1
    assert await outbox.purge(timedelta(days=1)) == 1
    status = await outbox.status()
    assert (status.waiting, status.sent) == (1, 1)


async def test_a_smaller_position_that_is_committed_later_is_sent(
    server_url: str, tmp_path: Path
) -> None:
    database = open_database(server_url)
    await database.create(metadata)
    stream = AsyncJsonLinesStream(tmp_path / "stream.jsonl")
    relay = AsyncRelay(AsyncSqlOutbox(database, table), stream, leader_of(database, table))

    slow = database.session()
    slow.enter()
    insert = sa.insert(table.table).values(
        kind="event", published=True, id="slow", created_at="", type="", payload=" 1}"
    )
    await slow.run(lambda connection: connection.execute(insert))
    await publish(database, *lent("b2"))
    await relay.drain()
    await slow.commit()
    await relay.drain()
    assert await taken(stream, 2) == ["b2", "1"]
    await database.close()


async def test_one_relay_leads_and_the_next_one_takes_over(
    database: AsyncSqlDatabase, outbox: AsyncSqlOutbox, stream: AsyncAbstractStream
) -> None:
    leader = leader_of(database, table)
    assert await leader.holder() is None
    assert await leader.try_acquire()
    assert await leader.try_acquire()
    other = leader_of(database, table)
    assert await other.holder() is not None
    with pytest.raises(LedElsewhereError):
        await AsyncRelay(outbox, stream, other).drain()
    await publish(database, *lent("a1"))
    async with AsyncRelay(outbox, stream, other):
        await leader.release()
        assert await taken(stream, 1) == ["a1"]
    assert await leader.try_acquire()
    await leader.release()


async def test_two_relays_send_each_message_once(
    database: AsyncSqlDatabase, outbox: AsyncSqlOutbox, tmp_path: Path
) -> None:
    stream = AsyncJsonLinesStream(tmp_path / "stream.jsonl")
    relays = [
        AsyncRelay(outbox, stream, leader_of(database, table), batch=3, poll=0.001)
        for _ in range(2)
    ]
    async with relays[0], relays[1]:
        for number in range(20):
            await publish(database, *lent(f"a{number}", f"b{number}"))
        await taken(stream, 40)
    assert (await outbox.status()).waiting == 0
    assert len((tmp_path / "stream.jsonl").read_text().splitlines()) == 40


async def test_shards_have_a_leader_each_and_keep_the_order_of_each_key(server_url: str) -> None:
    database = open_database(server_url, pool_size=20)
    await database.create(metadata)
    stream = AsyncSqlStream(database, stream_table, batch=500)
    shards = [Shard(index, 4) for index in range(4)]
    relays = [
        AsyncRelay(
            AsyncSqlOutbox(database, table, shard),
            stream,
            leader_of(database, table, shard),
            batch=7,
            poll=0.001,
        )
        for shard in shards
        for _ in range(2)
    ]
    first = relays[::2]
    runs = [asyncio.create_task(relay.run()) for relay in relays]
    keys = "abcdefghijkl"
    for number in range(20):
        await asyncio.gather(*(publish(database, *lent(f"{key}{number}")) for key in keys))
        if number == 10:
            for relay in first:
                relay.stop()
    came = await taken(stream, 20 * len(keys))
    for relay in relays:
        relay.stop()
    await asyncio.gather(*runs)
    for key in keys:
        assert [each for each in came if each[0] == key] == [f"{key}{n}" for n in range(20)]
    await database.close()


async def test_a_relay_with_another_shard_count_waits(each_database: AsyncSqlDatabase) -> None:
    unsharded, half, other, quarter = (
        leader_of(each_database, table, shard)
        for shard in (None, Shard(0, 2), Shard(1, 2), Shard(3, 4))
    )
    assert await half.try_acquire()
    assert not await unsharded.try_acquire()
    assert await quarter.try_acquire()
    assert not await other.try_acquire()
    assert await unsharded.holder()
    await half.release()
    await quarter.release()
    assert not await unsharded.holder()
    await publish(each_database, *lent("a1"))
    stream = AsyncSqlStream(each_database, stream_table)
    async with AsyncRelay(AsyncSqlOutbox(each_database, table), stream, unsharded):
        assert await taken(stream, 1) == ["a1"]
        assert not await half.try_acquire()


async def test_a_file_has_one_leader_lock_under_any_name(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "club.db")
    one, other = (open_database(f"sqlite:///{tmp_path / name}.db") for name in ("club", "link"))
    first, second = leader_of(one, table), leader_of(other, table)
    assert await first.try_acquire()
    assert not await second.try_acquire()
    await first.release()
    await one.close()
    await other.close()


async def test_a_server_s_leader_names_the_slots_that_other_relays_hold(server_url: str) -> None:
    database = open_database(server_url)
    unsharded, half, quarter = (
        leader_of(database, table, shard) for shard in (None, Shard(0, 2), Shard(3, 4))
    )
    assert await half.try_acquire()
    assert await quarter.try_acquire()
    told = str(await unsharded.holder())
    assert "for 128 of 256 slots, backend" in told
    assert told.endswith("for 64 of 256 slots")
    await half.release()
    await quarter.release()
    await database.close()


class Unhurried(PooledDatabase):
    """Commits when the test allows it."""

    def __init__(self, engine: AsyncEngine) -> None:
        super().__init__(engine)
        self.about_to_commit = asyncio.Event()
        self.may_commit = asyncio.Event()

    async def run(self, function: Callable[[sa.Connection], T], *, read_only: bool = False) -> T:
        session = self.session()
        session.enter()
        result = await session.run(function)
        self.about_to_commit.set()
        await self.may_commit.wait()
        await session.commit()
        return result


async def test_a_reader_of_the_table_passes_over_no_late_commit(server_url: str) -> None:
    database = open_database(server_url)
    await database.create(metadata)
    first, second = stream_messages(2)
    unhurried = Unhurried(create_async_engine(server_url.replace("://", "+asyncpg://")))
    stream = AsyncSqlStream(database, stream_table)
    late = asyncio.create_task(AsyncSqlStream(unhurried, stream_table).publish([first]))
    await unhurried.about_to_commit.wait()
    other = asyncio.create_task(stream.publish([second]))
    async with asyncio.timeout(TIMEOUT), aclosing(stream.consume("reader")) as deliveries:
        delivery = asyncio.create_task(anext(deliveries))
        await asyncio.wait([delivery], timeout=0.3)
        unhurried.may_commit.set()
        assert message_of(await delivery) == first
        assert message_of(await anext(deliveries)) == second
    await asyncio.gather(late, other)
    await unhurried.close()
    await database.close()


async def test_each_message_waits_in_the_shard_of_its_key_s_crc_32(
    database: AsyncSqlDatabase,
) -> None:
    await publish(database, *lent(*(f"{key}1" for key in "abcdefghijkl")))
    for index in range(4):
        waiting = await AsyncSqlOutbox(database, table, Shard(index, 4)).waiting(99)
        assert keys_and_numbers([each.message for each in waiting]) == [
            f"{key}1" for key in "abcdefghijkl" if crc32(key.encode()) % 256 % 4 == index
        ]


async def test_the_relay_goes_on_when_the_server_is_back(
    server: PrivateServer, tmp_path: Path
) -> None:
    database = open_database(server.url)
    await database.create(metadata)
    path = tmp_path / "stream.jsonl"
    stream = AsyncJsonLinesStream(path)
    outbox = AsyncSqlOutbox(database, table)
    await publish(database, *lent("a1"))
    await AsyncRelay(outbox, stream, leader_of(database, table)).drain()
    async with AsyncRelay(outbox, stream, leader_of(database, table)):
        server.stop()
        server.start()
        after = open_database(server.url)
        await publish(after, *lent("a2"))
        await after.close()
        assert await taken(stream, 2) == ["a1", "a2"]
    assert len(path.read_text().splitlines()) == 2
    await database.close()


async def test_a_leader_whose_connection_is_cut_leads_again(server_url: str) -> None:
    database = open_database(server_url)
    await database.create(metadata)
    leader = leader_of(database, table)
    assert await leader.try_acquire()
    others = (
        "SELECT pg_terminate_backend(pid) FROM pg_locks JOIN pg_database ON oid = database"
        " WHERE locktype = 'advisory' AND datname = current_database()"
    )
    await database.run(lambda connection: connection.execute(sa.text(others)))
    with pytest.raises(DatabaseUnavailableError):
        await leader.try_acquire()
    assert await leader.try_acquire()
    await leader.release()
    await database.close()
