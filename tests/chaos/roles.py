"""The roles of the chaos test, each a process of its own that may die at a given point.

The points lie in wrappers of the ports; no package knows them.
"""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

from messagebus.adapters.jsonlines import AsyncJsonLinesStream
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlOutbox,
    AsyncSqlStream,
    RetryableTransactionError,
    leader_of,
    open_database,
    retry_transaction,
)
from messagebus.relay import (
    AsyncAbstractStream,
    AsyncRelay,
    Delivery,
    MessageRejectedError,
    StreamMessage,
)
from reading_club.adapters.tables import eventstore, stream
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.bootstrap import ReadingClub
from reading_club.config import Settings
from reading_club.service.uow import StaleModelError
from tests.chaos.requests import ask

T = TypeVar("T")
BATCH = 5
POISON = "poison"


class Place(NamedTuple):
    """Where the roles work: a database, and a file of lines or, without one, the SQL stream."""

    url: str
    lines: Path | None


class Death:
    """Kills this process by SIGKILL when a point is reached for the n-th time."""

    def __init__(self, point: str | None = None, times: int = 1) -> None:
        self._point = point
        self._times = times

    def at(self, point: str) -> None:
        """Die, if this is the point and its time has come."""
        if point == self._point:
            self._times -= 1
            if self._times == 0:
                os.kill(os.getpid(), signal.SIGKILL)


class MortalUnitOfWork(ClubUnitOfWork):
    """Dies before its commit, or after it."""

    def __init__(self, database: AsyncSqlDatabase, death: Death) -> None:
        super().__init__(database)
        self._death = death

    async def commit(self) -> None:
        self._death.at("before commit")
        await super().commit()
        self._death.at("after commit")


class MortalClub(ReadingClub):
    """Its units of work die."""

    def __init__(self, database: AsyncSqlDatabase, death: Death) -> None:
        super().__init__(database, Settings())
        self._death = death

    async def run(
        self,
        work: Callable[[ClubUnitOfWork], Awaitable[T]],
        *,
        actor: str | None = None,
        correlation_id: str | None = None,
    ) -> T:
        """Do the work, without an actor."""
        again = (RetryableTransactionError, StaleModelError)
        uow = MortalUnitOfWork(self.database, self._death)
        return await retry_transaction(uow, work, retry_on=again, max_attempts=100)


class MortalOutbox(AsyncSqlOutbox):
    """Dies between the stream's confirmation and the mark, after it, or at a dead letter."""

    def __init__(self, database: AsyncSqlDatabase, death: Death) -> None:
        super().__init__(database, eventstore)
        self._death = death

    async def mark_sent(self, positions: Sequence[int]) -> None:
        self._death.at("after publish, before mark")
        await super().mark_sent(positions)
        self._death.at("after mark")

    async def reject(self, position: int, reason: str) -> None:
        self._death.at("mid dead letter")
        await super().reject(position, reason)


class Picky(AsyncAbstractStream):
    """Rejects poison messages for good."""

    def __init__(self, inner: AsyncAbstractStream) -> None:
        self._inner = inner

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        for number, message in enumerate(batch):
            if POISON in message.envelope["payload"]:
                confirmed = await self._inner.publish(batch[:number]) if number else 0
                raise MessageRejectedError("poison", confirmed)
        return await self._inner.publish(batch)

    def consume(self, consumer: str) -> AsyncGenerator[Delivery, None]:
        return self._inner.consume(consumer)


def stream_of(place: Place, database: AsyncSqlDatabase) -> AsyncAbstractStream:
    if place.lines is None:
        return AsyncSqlStream(database, stream)
    return AsyncJsonLinesStream(place.lines)


async def write(place: Place, times: int, death: Death) -> None:
    """Commit so many requests, each with its event, its review and its rating."""
    database = open_database(place.url)
    await ask(MortalClub(database, death), times)
    await database.close()


async def relay(place: Place, picky: bool, death: Death) -> None:
    """Send until no message waits."""
    database = open_database(place.url)
    to = stream_of(place, database)
    outbox = MortalOutbox(database, death)
    await AsyncRelay(
        outbox, Picky(to) if picky else to, leader_of(database, eventstore), batch=BATCH
    ).drain()
    await to.close()
    await database.close()


async def relay_on(place: Place) -> None:
    """Send for ever while no other relay leads."""
    database = open_database(place.url)
    outbox = AsyncSqlOutbox(database, eventstore)
    leader = leader_of(database, eventstore)
    await AsyncRelay(outbox, stream_of(place, database), leader, batch=BATCH, poll=0.01).run()


def writer(place: Place, times: int, death: Death) -> None:
    asyncio.run(write(place, times, death))


def relayer(place: Place, picky: bool, death: Death) -> None:
    asyncio.run(relay(place, picky, death))


def relayer_on(place: Place) -> None:
    asyncio.run(relay_on(place))
