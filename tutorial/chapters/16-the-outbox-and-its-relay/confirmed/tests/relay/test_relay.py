"""The relay's rules, over an outbox and a stream of a few lines."""

import contextlib

from messagebus.relay import AsyncRelay, StreamUnavailableError
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
