"""A message that could not be marked is sent again, under the same id."""

from collections.abc import Sequence

import pytest

from messagebus.relay import AsyncRelay
from tests.relay.fakes import Leader, Outbox, Stream, waiting


class Forgetful(Outbox):
    """Its database goes away before the first mark."""

    async def mark_sent(self, positions: Sequence[int]) -> None:
        if not self.marked.is_set():
            self.marked.set()
            raise ConnectionError("the database is away")
        await super().mark_sent(positions)


async def test_a_message_may_come_twice() -> None:
    outbox, stream = Forgetful(waiting(1)), Stream()
    relay = AsyncRelay(outbox, stream, Leader())
    with pytest.raises(ConnectionError):
        await relay.drain()
    await relay.drain()
    assert stream.taken == ["m1", "m1"]
