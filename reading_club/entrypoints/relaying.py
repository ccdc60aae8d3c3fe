"""What the entrypoints do with the outbox: relay it, look at it, deal with its dead letters."""

import asyncio
import signal
import sys
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import contextmanager
from datetime import timedelta

from messagebus.adapters.jsonlines import AsyncJsonLinesOutput, AsyncJsonLinesStream
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlOutbox,
    AsyncSqlStream,
    DeadLetter,
    leader_of,
)
from messagebus.relay import AsyncAbstractStream, AsyncRelay, Shard
from messagebus.telemetry import AsyncObservedStream
from reading_club.adapters.addresses import stream_file
from reading_club.adapters.tables import eventstore, stream
from reading_club.bootstrap import ReadingClub, Settings


def outbox_of(club: ReadingClub, shard: Shard | None = None) -> AsyncSqlOutbox:
    """The club's event store, or one shard of it, as what waits for the stream."""
    return AsyncSqlOutbox(club.database, eventstore, shard)


def stream_of(database: AsyncSqlDatabase, settings: Settings) -> AsyncAbstractStream:
    """The stream that the settings name."""
    address = settings.stream.get_secret_value()
    file = stream_file(address)
    if file is not None:
        return AsyncJsonLinesStream(file)
    if address == "-":
        return AsyncJsonLinesOutput(sys.stdout.buffer)
    return AsyncSqlStream(database, stream)


async def outbox_status(club: ReadingClub) -> Mapping[str, object]:
    """How much waits and since when, what was sent, what is parked, and who leads."""
    status = await outbox_of(club).status()
    return {**status._asdict(), "leader": await leader_of(club.database, eventstore).holder()}


async def dead_letters_of(club: ReadingClub) -> AsyncGenerator[DeadLetter, None]:
    """What the stream refused for good, in order, read some hundred at a time."""
    outbox = outbox_of(club)
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


async def relay(
    club: ReadingClub,
    settings: Settings,
    shard: Shard,
    *,
    once: bool,
    replay_from: int | None,
) -> int:
    """Send what waits, once or until a signal; return how many messages `once` has sent.

    With `replay_from`, what was sent from that position on is sent again first, each message by
    the relay of its own shard.
    """
    if replay_from is not None:
        await outbox_of(club).replay(replay_from)
    relay = relay_of(club, settings, shard)
    with stopped_by_signals(relay.stop):
        if once:
            return await relay.drain()
        await relay.run()
        return 0


def relay_of(club: ReadingClub, settings: Settings, shard: Shard | None = None) -> AsyncRelay:
    """The relay from the club's outbox, or a shard of it, to the stream that the settings name."""
    days = settings.retention_days
    return AsyncRelay(
        outbox_of(club, shard),
        AsyncObservedStream(stream_of(club.database, settings), *club.observers),
        leader_of(club.database, eventstore, shard),
        retention=None if days is None else timedelta(days=days),
    )


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
