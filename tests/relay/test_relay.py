"""The relay's rules, over an outbox and a stream of a few lines."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from messagebus.relay import (
    AsyncRelay,
    LedElsewhereError,
    MessageRejectedError,
    StreamClosedError,
    StreamMessage,
    StreamUnavailableError,
)
from messagebus.telemetry import AsyncObservedStream
from tests.relay.fakes import Leader, Outbox, Stream, waiting
from tests.waiting import TIMEOUT


async def until(outbox: Outbox, condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(TIMEOUT):
        while not condition():
            outbox.changed.clear()
            await outbox.changed.wait()


async def test_waiting_messages_are_sent_in_order_in_bounded_batches() -> None:
    outbox, stream = Outbox(*map(waiting, range(1, 6))), Stream()
    assert await AsyncRelay(outbox, stream, Leader(), batch=2).drain() == 5
    assert stream.taken == ["m1", "m2", "m3", "m4", "m5"]
    assert stream.batches == [2, 2, 1]
    assert outbox.sent == [1, 2, 3, 4, 5]


async def test_only_the_confirmed_prefix_is_marked() -> None:
    outbox, stream = Outbox(*map(waiting, range(1, 5))), Stream(3)
    with pytest.raises(StreamUnavailableError, match="confirmed 3 of 4"):
        await AsyncRelay(outbox, stream, Leader()).drain()
    assert outbox.sent == [1, 2, 3]


async def test_a_smaller_position_that_is_committed_later_is_sent() -> None:
    outbox, stream = Outbox(waiting(2)), Stream()
    relay = AsyncRelay(outbox, stream, Leader())
    await relay.drain()
    outbox.rows.append(waiting(1))
    await relay.drain()
    assert stream.taken == ["m2", "m1"]


async def test_the_relay_tries_again_until_the_stream_is_back() -> None:
    away = [StreamUnavailableError("away"), ConnectionError("still away")]
    outbox, stream = Outbox(waiting(1)), Stream(*away)
    async with AsyncRelay(outbox, stream, Leader()):
        await until(outbox, lambda: outbox.sent == [1])
    assert stream.taken == ["m1"]
    assert outbox.refused == {}


async def test_a_rejected_message_is_a_dead_letter_that_parks_its_key_alone() -> None:
    rows = [waiting(1, "a"), waiting(2, "b"), waiting(3, "b"), waiting(4, "a")]
    outbox, stream = Outbox(*rows), Stream(MessageRejectedError("too large", confirmed=1))
    assert await AsyncRelay(outbox, stream, Leader()).drain() == 2
    assert stream.taken == ["m1", "m4"]
    assert outbox.refused == {2: "too large"}


async def test_a_confirmed_message_that_could_not_be_marked_is_not_sent_again() -> None:
    outbox, stream = Outbox(waiting(1), waiting(2)), Stream()
    outbox.failing = ConnectionError("the database is away")
    async with AsyncRelay(outbox, stream, Leader()):
        await until(outbox, lambda: outbox.sent == [1, 2])
    assert stream.taken == ["m1", "m2"]


async def test_a_relay_sends_nothing_until_the_leader_lock_is_free() -> None:
    outbox, stream, leader = Outbox(waiting(1)), Stream(), Leader(free=False)
    with pytest.raises(LedElsewhereError, match="stop it first"):
        await AsyncRelay(outbox, stream, leader).drain()
    async with AsyncRelay(outbox, stream, leader, poll=0.001):
        await asyncio.sleep(0.02)
        assert stream.taken == []
        leader.free = True
        await until(outbox, lambda: outbox.sent == [1])
    assert not leader.leads


async def test_a_woken_relay_looks_at_once() -> None:
    outbox, stream = Outbox(), Stream()
    async with AsyncRelay(outbox, stream, Leader(), poll=3600) as relay:
        await asyncio.sleep(0.01)
        outbox.rows.append(waiting(1))
        relay.wake()
        await until(outbox, lambda: outbox.sent == [1])


class SlowStream(Stream):
    def __init__(self) -> None:
        super().__init__()
        self.started = asyncio.Event()
        self.may_end = asyncio.Event()

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        self.started.set()
        await self.may_end.wait()
        return await super().publish(batch)


async def test_a_stopped_relay_finishes_its_batch() -> None:
    outbox, stream = Outbox(waiting(1), waiting(2)), SlowStream()
    async with asyncio.timeout(TIMEOUT), AsyncRelay(outbox, stream, Leader(), batch=1) as relay:
        await stream.started.wait()
        relay.stop()
        stream.may_end.set()
    assert outbox.sent == [1]


async def test_a_stopped_relay_can_be_started_again() -> None:
    outbox, stream = Outbox(waiting(1), waiting(2), waiting(3)), SlowStream()
    relay = AsyncRelay(outbox, stream, Leader(), batch=1)
    async with asyncio.timeout(TIMEOUT):
        async with relay:
            await stream.started.wait()
            relay.stop()
            stream.may_end.set()
        assert outbox.sent == [1]
        assert await relay.drain() == 2
    assert outbox.sent == [1, 2, 3]


async def test_a_stopped_relay_ends_in_time_although_the_stream_hangs() -> None:
    outbox, stream, leader = Outbox(waiting(1)), SlowStream(), Leader()
    async with asyncio.timeout(TIMEOUT), AsyncRelay(outbox, stream, leader, grace=0.01):
        await stream.started.wait()
    assert outbox.sent == []
    assert not leader.leads


async def test_old_messages_are_purged_in_bounded_parts() -> None:
    outbox = Outbox()
    outbox.old = 2500
    relay = AsyncRelay(outbox, Stream(), Leader(), retention=timedelta(days=7))
    async with relay:
        await until(outbox, lambda: len(outbox.purges) == 3)
    assert outbox.purges == [1000, 1000, 500]


class KeepingStream(Stream):
    def __init__(self, outbox: Outbox, old: int) -> None:
        super().__init__()
        self.outbox = outbox
        self.old = old

    async def purge(self, retention: timedelta, limit: int) -> int:
        purged = min(self.old, limit)
        self.old -= purged
        self.outbox.purges.append(-purged)
        self.outbox.changed.set()
        return purged


async def test_the_stream_is_purged_after_the_outbox_in_the_same_parts() -> None:
    outbox = Outbox()
    outbox.old = 1200
    stream = KeepingStream(outbox, old=2500)
    relay = AsyncRelay(outbox, AsyncObservedStream(stream), Leader(), retention=timedelta(days=7))
    async with relay:
        await until(outbox, lambda: stream.old == 0)
    assert outbox.purges == [1000, -1000, 200, -1000, 0, -500]


async def test_a_relay_without_a_retention_purges_nothing() -> None:
    outbox = Outbox()
    outbox.old = 1
    async with AsyncRelay(outbox, KeepingStream(outbox, old=1), Leader(), poll=0.001):
        await asyncio.sleep(0.02)
    assert outbox.purges == []


async def test_a_closed_stream_ends_the_relay() -> None:
    outbox = Outbox(waiting(1))
    relay = AsyncRelay(outbox, Stream(StreamClosedError("nobody reads")), Leader())
    with pytest.raises(StreamClosedError):
        await relay.run()
    assert outbox.sent == []
