"""A consumer as a process of its own, which dies at a point that it is told; some break a rule."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Sequence

from messagebus import ConfigurationError
from messagebus.adapters.sqlalchemy import AsyncSqlDatabase, AsyncSqlInbox, open_database
from messagebus.consumer import Arrival, AsyncConsumer, Taken
from messagebus.relay import AsyncAbstractStream, Delivery, StreamMessage
from tests.chaos.roles import Death
from tests.consumer.parts import (
    NAME,
    Counted,
    Unheard,
    Uow,
    bus_of,
    eventstore_table,
    inbox_table,
    note,
    stream_of,
    upcasters,
)

POINTS = (
    "before the inbox row",
    "between row and effect",
    "before the commit",
    "between commit and acknowledgement",
    "in a dead letter",
)
POISON, DEADLY = -1, -2
BATCH = 2
ATTEMPTS = 3


class PoisonError(Exception):
    """No attempt helps."""


class MortalInbox(AsyncSqlInbox[Uow]):
    """Dies before and behind a message's row, and in a dead letter."""

    def __init__(self, database: AsyncSqlDatabase, death: Death) -> None:
        super().__init__(database, inbox_table, NAME)
        self.death = death

    async def take(self, transaction: Uow, arrivals: Sequence[Arrival]) -> Taken:
        self.death.at(POINTS[0])
        if any(each.rejection for each in arrivals):
            self.death.at(POINTS[4])
        taken = await super().take(transaction, arrivals)
        self.death.at(POINTS[1])
        return taken

    async def hold(self, arrivals: Sequence[Arrival]) -> Taken:
        self.death.at(POINTS[0])
        return await super().hold(arrivals)

    async def mark_applied(self, transaction: Uow, position: int) -> None:
        await super().mark_applied(transaction, position)
        self.death.at(POINTS[1])

    async def reject(self, position: int, reason: str) -> None:
        self.death.at(POINTS[4])
        await super().reject(position, reason)


class OwnTransactionInbox(MortalInbox):
    """Commits a message's row before its effect."""

    async def take(self, transaction: Uow, arrivals: Sequence[Arrival]) -> Taken:
        async with Uow(self.database, eventstore_table) as other:
            taken = await AsyncSqlInbox.take(self, other, arrivals)
            self.release(other)
            await other.commit()
        self.death.at(POINTS[1])
        return taken


class NoInbox(MortalInbox):
    """Remembers no message."""

    async def take(self, transaction: Uow, arrivals: Sequence[Arrival]) -> Taken:
        return Taken(frozenset(each.id for each in arrivals), frozenset(), frozenset())


class LateCountInbox(MortalInbox):
    """Counts an attempt when it is over."""

    async def count_attempt(self, position: int, due_at: float) -> None: ...

    async def fail(self, position: int, reason: str) -> None:
        await super().count_attempt(position, 0.0)
        await super().fail(position, reason)


class AcknowledgingStream(AsyncAbstractStream):
    """Acknowledges what it delivers."""

    def __init__(self, inner: AsyncAbstractStream) -> None:
        self._inner = inner

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        return await self._inner.publish(batch)

    async def lag(self, consumer: str) -> int | None:
        return await self._inner.lag(consumer)

    async def consume(self, consumer: str) -> AsyncGenerator[Delivery, None]:
        async for each in self._inner.consume(consumer):
            await each.ack()
            yield each


class MortalUow(Uow):
    """Dies before its commit, or behind it."""

    def __init__(self, database: AsyncSqlDatabase, death: Death) -> None:
        super().__init__(database, eventstore_table)
        self._death = death

    async def commit(self) -> None:
        self._death.at(POINTS[2])
        await super().commit()
        self._death.at(POINTS[3])


INBOXES = {
    "own transaction": OwnTransactionInbox,
    "no inbox": NoInbox,
    "attempts counted afterwards": LateCountInbox,
}


async def handle(event: Counted, transaction: Uow) -> None:
    await note(event, transaction)
    if event.n == POISON:
        raise PoisonError
    if event.n == DEADLY:
        os.kill(os.getpid(), signal.SIGKILL)


async def consume(url: str, death: Death, trusted: bool, broken: str | None) -> None:
    database = open_database(url)
    stream: AsyncAbstractStream = stream_of(database)
    if broken == "acknowledge first":
        stream = AcknowledgingStream(stream)
    elif broken is not None and broken not in INBOXES:
        raise ConfigurationError(f"there is no consumer with {broken!r}")
    consumer = AsyncConsumer(
        bus_of(handle),
        lambda: MortalUow(database, death),
        stream,
        INBOXES.get(broken or "", MortalInbox)(database, death),
        messages=[Counted, Unheard],
        upcasters=upcasters,
        batch=BATCH,
        poll=0.001,
        max_attempts=ATTEMPTS,
        first_delay=0.0,
        reject_on=(PoisonError,),
    )
    if trusted:
        consumer.suspected = 0
    await consumer.run_once()
    await database.close()


def consume_in_process(url: str, death: Death, trusted: bool, broken: str | None) -> None:
    asyncio.run(consume(url, death, trusted, broken))
