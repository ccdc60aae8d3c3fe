"""The ledger finds what relays do wrong that are built in the ways known to be bad."""

import asyncio
from collections.abc import Sequence

from messagebus.relay import AsyncRelay, OutboxMessage, StreamMessage
from tests.chaos.ledger import Committed, Verdict, judge
from tests.relay.fakes import Leader, Outbox, Stream, waiting


def truth(outbox: Outbox) -> Sequence[Committed]:
    return [
        Committed(row.message.envelope["id"], row.message.headers["stream_key"])
        for row in sorted(outbox.rows)
    ]


class Cursor(Outbox):
    """Remembers the last position, and asks for what is behind it."""

    last = 0

    async def waiting(self, limit: int) -> Sequence[OutboxMessage]:
        found = [row for row in await super().waiting(limit) if row.position > self.last]
        self.last = max([self.last, *(row.position for row in found)])
        return found


class SkipLocked(Outbox):
    """Gives to each relay what no other one has, a row at a time."""

    def __init__(self, *rows: OutboxMessage) -> None:
        super().__init__(*rows)
        self.locked: set[int] = set()

    async def waiting(self, limit: int) -> Sequence[OutboxMessage]:
        free = [row for row in await super().waiting(100) if row.position not in self.locked]
        self.locked |= {row.position for row in free[:1]}
        return free[:1]


class MarksFirst(Outbox):
    """Marks what it gives away as sent."""

    async def waiting(self, limit: int) -> Sequence[OutboxMessage]:
        found = await super().waiting(limit)
        self.sent += [row.position for row in found]
        return found


class Slow(Stream):
    """Takes its time for one message."""

    def __init__(self, slow: str) -> None:
        super().__init__()
        self.slow = slow

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        if self.slow in [each.envelope["id"] for each in batch]:
            await asyncio.sleep(0.02)
        return await super().publish(batch)


async def test_a_correct_relay_is_cleared() -> None:
    outbox, stream = Outbox(waiting(2)), Stream()
    await AsyncRelay(outbox, stream, Leader()).drain()
    outbox.rows.append(waiting(1, key="another"))
    await AsyncRelay(outbox, stream, Leader()).drain()
    assert judge(truth(outbox), stream.taken) == Verdict(0, 0, 0, 0)


async def test_a_cursor_loses_what_commits_behind_it() -> None:
    outbox, stream = Cursor(waiting(2)), Stream()
    await AsyncRelay(outbox, stream, Leader()).drain()
    outbox.rows.append(waiting(1, key="another"))
    await AsyncRelay(outbox, stream, Leader()).drain()
    assert judge(truth(outbox), stream.taken).lost == 1


async def test_two_relays_without_a_leader_are_late() -> None:
    outbox, stream = SkipLocked(waiting(1), waiting(2)), Slow("m1")
    await asyncio.gather(*(AsyncRelay(outbox, stream, Leader()).drain() for _ in range(2)))
    assert judge(truth(outbox), stream.taken).late == 1


async def test_a_mark_before_the_confirmation_loses_what_the_stream_did_not_take() -> None:
    outbox, stream = MarksFirst(waiting(1), waiting(2)), Stream(1)
    relay = asyncio.create_task(AsyncRelay(outbox, stream, Leader(), poll=0.001).run())
    await asyncio.sleep(0.05)
    relay.cancel()
    assert judge(truth(outbox), stream.taken).lost == 1


def test_uncommitted_messages_are_phantoms_and_repeated_ones_doubled() -> None:
    pair = [Committed("a", "k"), Committed("b", "k")]
    assert judge(pair, ["a", "ghost", "a", "b"]) == Verdict(lost=0, phantom=1, late=0, doubled=1)


def test_order_holds_for_each_stream_key_alone() -> None:
    two = [Committed("a", "k"), Committed("b", "other"), Committed("c", "k")]
    assert judge(two, ["b", "a", "c"]).late == 0
    assert judge(two, ["c", "b", "a"]).late == 1
