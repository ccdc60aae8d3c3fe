"""The stream in Redis: what it keeps, in which order it delivers, and what it reports."""

import asyncio
import json
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from datetime import timedelta

import pytest

from messagebus import ConfigurationError
from messagebus.adapters.redis import AsyncRedisStream
from messagebus.relay import Delivery, LostMessagesError, StreamUnavailableError
from messagebus.testing import check_stream, stream_messages
from tests.redis.servers import PrivateRedis
from tests.relay.deliveries import id_of
from tests.waiting import TIMEOUT

DAY = timedelta(days=1)


async def deliveries(
    stream: AsyncRedisStream, count: int, consumer: str = "reader"
) -> Sequence[Delivery]:
    async with asyncio.timeout(TIMEOUT), aclosing(stream.consume(consumer)) as delivered:
        return [await anext(delivered) for _ in range(count)]


async def ids(stream: AsyncRedisStream, count: int, consumer: str = "reader") -> Sequence[str]:
    return [id_of(each) for each in await deliveries(stream, count, consumer)]


async def acknowledge(stream: AsyncRedisStream, count: int, consumer: str = "reader") -> None:
    await asyncio.gather(*(each.ack() for each in await deliveries(stream, count, consumer)))


def books(*numbers: int) -> Sequence[str]:
    return [f"book-{number}" for number in numbers]


@pytest.mark.parametrize("query", ["", "?stream=other&format=cloudevents"])
async def test_a_redis_stream_passes_the_stream_check(redis: PrivateRedis, query: str) -> None:
    stream = redis.stream(query)

    async def foreign() -> None:
        fields = {"body": b"\xff\0", "headers": b"[1]"}
        redis.client.xadd("other" if query else "books", fields)

    await check_stream(stream, foreign=foreign)
    await stream.close()


async def test_an_entry_has_a_body_and_headers_that_a_foreign_client_reads(
    redis: PrivateRedis, stream: AsyncRedisStream
) -> None:
    (message,) = stream_messages(1)
    await stream.publish([message])
    ((_, fields),) = redis.client.xrange("books")
    assert fields.keys() == {b"body", b"headers"}
    assert json.loads(fields[b"body"]) == message.envelope
    headers = {**message.headers, "content-type": "application/json"}
    assert json.loads(fields[b"headers"]) == headers


async def test_all_fields_of_an_entry_without_a_body_are_delivered(
    redis: PrivateRedis, stream: AsyncRedisStream
) -> None:
    redis.client.xadd("books", {"title": b"\xff", "author": "Ada"})
    (alien,) = await deliveries(stream, 1)
    assert (alien.body, alien.headers) == (b"title: \xff\nauthor: Ada", {})


async def test_pending_messages_are_delivered_in_order_before_new_ones(
    stream: AsyncRedisStream,
) -> None:
    await stream.publish(stream_messages(3))
    _, second, _ = await deliveries(stream, 3)
    await second.ack()
    await stream.publish(stream_messages(5)[3:])
    assert await ids(stream, 4) == books(0, 2, 3, 4)


class NewEntriesAlone(AsyncRedisStream):
    """Known bad: it begins behind the messages that an earlier process left pending."""

    async def consume(self, consumer: str) -> AsyncGenerator[Delivery, None]:
        await self.register(consumer)
        while True:
            _, entries = await self._client.read(consumer, b">", 100)
            for id_, fields in entries:

                async def ack(id_: bytes = id_) -> None:
                    await self._client.acknowledge(consumer, [id_])

                yield Delivery(fields[b"body"], json.loads(fields[b"headers"]), ack)
            await asyncio.sleep(0.001)


async def test_the_stream_check_fails_for_a_reader_of_new_entries_alone(
    redis: PrivateRedis,
) -> None:
    stream = NewEntriesAlone(redis.address(), poll=0.001)
    with pytest.raises(AssertionError, match="delivered 0 of 2 messages"):
        await check_stream(stream, message_timeout=0.5)
    await stream.close()


async def test_messages_that_an_overtaken_process_takes_come_in_order_all_the_same(
    redis: PrivateRedis, stream: AsyncRedisStream
) -> None:
    zombie = redis.stream()
    await stream.publish(stream_messages(2))
    async with aclosing(stream.consume("reader")) as delivered:
        await (await anext(delivered)).ack()
        await (await anext(delivered)).ack()
        await stream.publish(stream_messages(4)[2:])
        assert await ids(zombie, 2) == books(2, 3)
        await stream.publish(stream_messages(5)[4:])
        with pytest.raises(StreamUnavailableError, match="another process reads"):
            await anext(delivered)
    assert await ids(stream, 3) == books(2, 3, 4)
    await zombie.close()


async def test_acknowledgements_of_one_moment_are_one_command(
    redis: PrivateRedis, stream: AsyncRedisStream
) -> None:
    await stream.publish(stream_messages(50))
    redis.client.config_resetstat()
    await acknowledge(stream, 50)
    assert redis.client.info("commandstats")["cmdstat_xack"]["calls"] == 1
    assert await stream.lag("reader") == 0


async def test_the_lag_counts_pending_and_new_messages(stream: AsyncRedisStream) -> None:
    await stream.register("reader")
    await stream.publish(stream_messages(3))
    assert [await stream.lag("reader"), await stream.lag("unknown")] == [3, 3]
    await acknowledge(stream, 1)
    await deliveries(stream, 1)
    await stream.publish(stream_messages(5)[3:])
    assert await stream.lag("reader") == 4


async def test_a_consumer_begins_anew_at_the_first_message_that_is_kept(
    stream: AsyncRedisStream,
) -> None:
    await stream.publish(stream_messages(3))
    await acknowledge(stream, 2)
    await deliveries(stream, 1)
    await stream.begin_anew("reader")
    assert await ids(stream, 3) == books(0, 1, 2)
    with pytest.raises(ConfigurationError, match="there is no consumer 'stranger'"):
        await stream.begin_anew("stranger")


def add_old(redis: PrivateRedis, count: int, days: int = 8) -> None:
    """Put messages into the stream as if they had been published so many days ago."""
    seconds, _ = redis.client.time()
    for number in range(count):
        id_ = f"{(seconds - days * 86_400) * 1000}-{number + 1}"
        redis.client.xadd("books", {"body": f"old-{number}", "headers": "{}"}, id=id_)


def kept(redis: PrivateRedis) -> Sequence[str]:
    return [fields[b"body"].decode() for _, fields in redis.client.xrange("books")]


async def test_old_messages_without_a_consumer_are_purged_in_bounded_parts(
    redis: PrivateRedis, stream: AsyncRedisStream
) -> None:
    add_old(redis, 250)
    await stream.publish(stream_messages(1))
    assert await stream.purge(9 * DAY) == 0
    assert await stream.purge(7 * DAY, limit=101) == 101
    assert kept(redis)[0] == "old-101"
    assert [await stream.purge(7 * DAY, limit=2), await stream.purge(7 * DAY)] == [2, 147]
    assert len(kept(redis)) == 1
    assert await stream.purge(7 * DAY) == 0


async def test_a_message_that_a_registered_consumer_has_not_acknowledged_is_not_purged(
    redis: PrivateRedis, stream: AsyncRedisStream
) -> None:
    await stream.register("idle")
    add_old(redis, 150)
    await acknowledge(stream, 150, "fast")
    assert await stream.purge(7 * DAY) == 0
    await acknowledge(stream, 3, "idle")
    assert await stream.purge(7 * DAY) == 3
    first, second, third, *_ = await deliveries(stream, 5, "idle")
    await second.ack()
    await third.ack()
    assert await stream.purge(7 * DAY) == 0
    await first.ack()
    assert await stream.purge(7 * DAY) == 3
    assert kept(redis)[0] == "old-6"
    assert await stream.lag("idle") == 144


async def test_the_oldest_age_is_that_of_the_first_message_kept(
    redis: PrivateRedis, stream: AsyncRedisStream
) -> None:
    assert await stream.oldest_age() is None
    add_old(redis, 1)
    await stream.publish(stream_messages(1))
    age = await stream.oldest_age()
    assert age is not None
    assert 8 * DAY <= age < 9 * DAY
    await stream.purge(7 * DAY)
    age = await stream.oldest_age()
    assert age is not None
    assert age < DAY


async def test_pending_messages_that_were_trimmed_are_reported_as_lost_once(
    redis: PrivateRedis, stream: AsyncRedisStream
) -> None:
    await stream.publish(stream_messages(4))
    await deliveries(stream, 3)
    redis.client.xtrim("books", maxlen=2, approximate=False)
    with pytest.raises(LostMessagesError, match="has lost 2 messages that consumer 'reader'"):
        await deliveries(stream, 1)
    assert await ids(stream, 2) == books(2, 3)


async def test_a_consumer_that_redis_has_forgotten_is_reported_as_lost_messages(
    redis: PrivateRedis, stream: AsyncRedisStream
) -> None:
    await stream.publish(stream_messages(1))
    async with aclosing(stream.consume("reader")) as delivered:
        await anext(delivered)
        redis.client.flushall()
        with pytest.raises(StreamUnavailableError, match="delivers nothing"):
            await anext(delivered)
    with pytest.raises(LostMessagesError, match="no longer knew the consumer 'reader'"):
        await stream.register("reader")
    await stream.publish(stream_messages(2))
    assert await ids(stream, 2) == books(0, 1)
