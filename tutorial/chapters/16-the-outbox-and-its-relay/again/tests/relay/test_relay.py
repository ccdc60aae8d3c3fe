"""The relay's rules, over an outbox and a stream of a few lines."""

import asyncio
import contextlib
from collections.abc import Sequence

from messagebus.relay import (
    AsyncRelay,
    MessageRejectedError,
    StreamMessage,
    StreamUnavailableError,
)
from tests.relay.fakes import Leader, Outbox, Stream, waiting


async def test_an_unconfirmed_message_is_sent_again() -> None:
    outbox, stream = Outbox(*map(waiting, range(1, 4))), Stream(1, StreamUnavailableError("away"))
    relay = AsyncRelay(outbox, stream, Leader())
    for _ in range(3):
        with contextlib.suppress(StreamUnavailableError):
            await relay.drain()
    assert stream.taken == ["m1", "m2", "m3"]


async def test_a_smaller_position_that_is_committed_later_is_sent() -> None:
    outbox, stream = Outbox(waiting(2)), Stream()
    relay = AsyncRelay(outbox, stream, Leader())
    await relay.drain()
    outbox.rows.append(waiting(1))
    await relay.drain()
    assert stream.taken == ["m2", "m1"]


class Choosy(Stream):
    """Will never take the second message."""

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        ids = [each.envelope["id"] for each in batch]
        if "m2" not in ids:
            return await super().publish(batch)
        self.taken += ids[: ids.index("m2")]
        raise MessageRejectedError("m2 is too large", confirmed=ids.index("m2"))


async def test_a_rejected_message_parks_its_key_alone() -> None:
    rows = [waiting(1, "a"), waiting(2, "b"), waiting(3, "b"), waiting(4, "a")]
    outbox, stream = Outbox(*rows), Choosy()
    relay = AsyncRelay(outbox, stream, Leader())
    for _ in range(3):
        with contextlib.suppress(MessageRejectedError):
            await relay.drain()
    assert stream.taken == ["m1", "m4"]
    assert outbox.refused == {2: "m2 is too large"}


async def test_the_relay_tries_again_until_the_stream_is_back() -> None:
    away = [StreamUnavailableError("away"), ConnectionError("still away")]
    outbox, stream = Outbox(waiting(1)), Stream(*away)
    async with AsyncRelay(outbox, stream, Leader()):
        await asyncio.wait_for(outbox.marked.wait(), 10)
    assert stream.taken == ["m1"]


async def test_a_relay_sends_nothing_until_the_leader_lock_is_free() -> None:
    outbox, stream, leader = Outbox(waiting(1)), Stream(), Leader(free=False)
    async with AsyncRelay(outbox, stream, leader, poll=0.001):
        await asyncio.sleep(0.02)
        assert stream.taken == []
        leader.free = True
        await asyncio.wait_for(outbox.marked.wait(), 10)
