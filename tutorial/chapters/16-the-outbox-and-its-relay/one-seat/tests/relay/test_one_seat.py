"""Two relays, one seat."""

from pathlib import Path

import pytest

from messagebus.adapters.sqlalchemy import FileLockLeader
from messagebus.relay import AsyncRelay, LedElsewhereError
from tests.relay.fakes import Outbox, Stream, waiting


async def test_the_second_relay_waits_for_the_seat(tmp_path: Path) -> None:
    first, second = FileLockLeader(tmp_path / "seat"), FileLockLeader(tmp_path / "seat")
    stream = Stream()
    relay = AsyncRelay(Outbox(waiting(1)), stream, second)
    assert await first.try_acquire()
    with pytest.raises(LedElsewhereError, match="one at a time"):
        await relay.drain()
    assert stream.taken == []
    await first.release()
    assert await relay.drain() == 1
