"""What the entrypoints do with the outbox: relay it, look at it, deal with its dead letters."""

import asyncio
import signal
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import contextmanager

from messagebus.relay import DeadLetter, Shard
from reading_club.bootstrap import ReadingClub


async def outbox_status(club: ReadingClub) -> Mapping[str, object]:
    """How much waits and since when, what was sent, what is parked, and who leads."""
    outbox = club.outbox()
    status = await outbox.status()
    return {**status._asdict(), "leader": await outbox.leader()}


async def dead_letters_of(club: ReadingClub) -> AsyncGenerator[DeadLetter, None]:
    """What the stream refused for good, in order, read some hundred at a time."""
    outbox = club.outbox()
    position = 0
    while letters := await outbox.dead_letters(after=position):
        for letter in letters:
            yield letter
        position = letters[-1].position


def dead_letter_content(letter: DeadLetter) -> Mapping[str, object]:
    """A dead letter as JSON can say it."""
    return {
        "position": letter.position,
        "refused_at": letter.refused_at.isoformat(),
        "refusal": letter.refusal,
        "envelope": letter.message.envelope,
        "headers": letter.message.headers,
    }


async def relay(club: ReadingClub, shard: Shard, *, once: bool, replay_from: int | None) -> int:
    """Send what waits, once or until a signal; return how many messages `once` has sent.

    With `replay_from`, what was sent from that position on is sent again first, each message by
    the relay of its own shard.
    """
    if replay_from is not None:
        await club.outbox().replay(replay_from)
    relay = club.relay(shard)
    with stopped_by_signals(relay.stop):
        if once:
            return await relay.drain()
        await relay.run()
        return 0


@contextmanager
def stopped_by_signals(stop: Callable[[], None]) -> Generator[None, None, None]:
    """SIGTERM and SIGINT call `stop` meanwhile, and end nothing by themselves."""
    loop = asyncio.get_running_loop()
    signals = (signal.SIGTERM, signal.SIGINT)
    for each in signals:
        loop.add_signal_handler(each, stop)
    try:
        yield
    finally:
        for each in signals:
            loop.remove_signal_handler(each)
