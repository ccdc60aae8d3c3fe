"""A Redis that is killed, away, full or closed to the stream, and what the errors say."""

import asyncio
import logging
import traceback
from collections.abc import Callable, Generator, Sequence
from contextlib import aclosing, suppress
from pathlib import Path

import pytest

from messagebus.adapters.redis import AsyncRedisStream, redis_address
from messagebus.relay import StreamUnavailableError
from messagebus.testing import stream_messages
from tests.redis.servers import PrivateRedis
from tests.redis.test_redis_stream import DAY, books, deliveries, ids
from tests.waiting import TIMEOUT


async def test_a_killed_redis_with_an_append_only_file_loses_no_confirmed_message(
    own_redis: PrivateRedis,
) -> None:
    stream = own_redis.stream()
    await stream.register("reader")
    confirmed = acknowledged = 0
    for _ in range(3):
        for _ in range(10):
            batch = stream_messages(confirmed + 20)[confirmed:]
            with suppress(StreamUnavailableError):  # The first command after a kill.
                confirmed += await stream.publish(batch)
        for each in (await deliveries(stream, 10))[:5]:
            await each.ack()
            acknowledged += 1
        own_redis.kill()
        own_redis.start()
    await stream.close()
    stream = own_redis.stream()
    assert confirmed > 400
    assert await ids(stream, confirmed - acknowledged) == books(*range(acknowledged, confirmed))
    await stream.close()


async def test_a_stream_goes_on_when_its_redis_is_back(own_redis: PrivateRedis) -> None:
    stream = own_redis.stream()
    await stream.publish(stream_messages(1))
    async with aclosing(stream.consume("reader")) as delivered:
        first = await anext(delivered)
        own_redis.kill()
        with pytest.raises(StreamUnavailableError):
            await anext(delivered)
    for ask in (
        stream.publish(stream_messages(1)),
        first.ack(),
        stream.register("reader"),
        stream.lag("reader"),
        stream.oldest_age(),
        stream.begin_anew("reader"),
        stream.purge(DAY),
        deliveries(stream, 1),
    ):
        with pytest.raises(StreamUnavailableError, match=r"Redis .* for the stream 'books'"):
            await ask
    own_redis.start()
    await first.ack()
    await stream.publish(stream_messages(2)[1:])
    assert await ids(stream, 1) == books(1)
    await stream.close()


@pytest.fixture
def make_redis(tmp_path: Path) -> Generator[Callable[..., PrivateRedis], None, None]:
    """Start servers with options of their own."""
    made: list[PrivateRedis] = []

    def make(*options: str) -> PrivateRedis:
        made.append(PrivateRedis(tmp_path, *options))
        made[-1].start()
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.mark.parametrize(
    ("options", "warnings"),
    [(["--appendonly", "no"], 1), (["--appendonly", "yes"], 0), (["--save", "60", "1"], 0)],
)
async def test_a_redis_that_keeps_nothing_over_a_restart_is_warned_of_once(
    make_redis: Callable[..., PrivateRedis],
    caplog: pytest.LogCaptureFixture,
    options: Sequence[str],
    warnings: int,
) -> None:
    stream = make_redis(*options).stream()
    await stream.publish(stream_messages(1))
    await deliveries(stream, 1)
    logged = [each.getMessage() for each in caplog.records if each.levelno == logging.WARNING]
    assert len(logged) == warnings
    assert all("keeps nothing of the stream 'books' over a restart" in each for each in logged)
    await stream.close()


def set_full(redis: PrivateRedis) -> None:
    redis.client.config_set("maxmemory", 1)


def set_other_type(redis: PrivateRedis) -> None:
    redis.client.set("books", "no stream")


def set_readonly(redis: PrivateRedis) -> None:
    redis.client.execute_command("REPLICAOF", "127.0.0.1", "1")


def set_closed(redis: PrivateRedis) -> None:
    redis.client.execute_command("ACL", "SETUSER", "default", "-xadd")


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        (set_full, "OutOfMemoryError"),
        (set_other_type, "WRONGTYPE"),
        (set_readonly, "ReadOnlyError"),
        (set_closed, "NoPermissionError"),
    ],
)
async def test_a_batch_that_redis_does_not_take_is_tried_again_and_no_error_quotes_it(
    make_redis: Callable[..., PrivateRedis],
    harm: Callable[[PrivateRedis], None],
    reason: str,
) -> None:
    server = make_redis()
    harm(server)
    stream = server.stream()
    with pytest.raises(StreamUnavailableError, match=reason) as raised:
        await stream.publish(stream_messages())
    assert "Zen and the Art" not in "".join(traceback.format_exception(raised.value))
    await stream.close()


@pytest.mark.parametrize("user", ["", "default:sesame@", "ann:sesame@"])
async def test_an_error_of_the_login_shows_neither_password_nor_payload(
    make_redis: Callable[..., PrivateRedis], user: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = make_redis()
    server.client.config_set("requirepass", "another")
    address = redis_address(f"redis://{user}127.0.0.1:{server.port}/0", "books")
    stream = AsyncRedisStream(address)
    with pytest.raises(StreamUnavailableError) as raised:
        await stream.publish(stream_messages())
    shown = "".join(traceback.format_exception(raised.value)) + caplog.text + repr(address)
    assert "AuthenticationError" in shown
    assert "sesame" not in shown
    assert "Zen and the Art" not in shown
    await stream.close()


async def test_a_stream_needs_no_right_to_read_the_settings_of_redis(
    make_redis: Callable[..., PrivateRedis],
) -> None:
    server = make_redis()
    server.client.execute_command("ACL", "SETUSER", "default", "-config")
    stream = server.stream()
    assert await stream.publish(stream_messages(2)) == 2
    assert await ids(stream, 2) == books(0, 1)
    await stream.close()


async def test_a_consumer_that_is_cancelled_while_it_waits_takes_nothing_away(
    own_redis: PrivateRedis,
) -> None:
    stream = own_redis.stream()
    for number in range(20):
        waiting = asyncio.create_task(deliveries(stream, number + 1))
        await asyncio.sleep(0.002)
        await stream.publish(stream_messages(number + 1)[number:])
        waiting.cancel()
        await asyncio.wait([waiting])
    assert await ids(stream, 20) == books(*range(20))
    await stream.close()


async def test_a_consumer_ends_at_its_first_cancellation(own_redis: PrivateRedis) -> None:
    stream = own_redis.stream()
    for turns in range(200):
        consuming = asyncio.create_task(deliveries(stream, 1))
        for _ in range(turns % 50):
            await asyncio.sleep(0)
        consuming.cancel()
        done, _ = await asyncio.wait([consuming], timeout=TIMEOUT)
        assert done, f"it goes on after a cancellation at turn {turns}"
    await stream.close()


async def test_a_redis_that_does_not_answer_is_unavailable(own_redis: PrivateRedis) -> None:
    stream = AsyncRedisStream(own_redis.address(), timeout=0.1)
    await stream.publish(stream_messages(1))
    own_redis.stop()
    with pytest.raises(StreamUnavailableError, match="TimeoutError"):
        await stream.publish(stream_messages(1))
    own_redis.go_on()
    await stream.close()
