"""Two relays, one leader."""

from pathlib import Path

import pytest

from messagebus.adapters.sqlalchemy import FileLockLeader
from messagebus.relay import AsyncRelay, LedElsewhereError
from tests.relay.fakes import Outbox, Stream, waiting


async def test_a_second_relay_waits_for_the_leader_lock(tmp_path: Path) -> None:
    first, second = FileLockLeader(tmp_path / "lock"), FileLockLeader(tmp_path / "lock")
    stream = Stream()
    relay = AsyncRelay(Outbox(waiting(1)), stream, second)
    assert await first.try_acquire()
    with pytest.raises(LedElsewhereError, match="One relay at a time"):
        await relay.drain()
    assert stream.taken == []
    await first.release()
    assert await relay.drain() == 1
