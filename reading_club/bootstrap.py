"""The one place where the club's parts are put together."""

import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TypeVar

from result import Result
from sqlalchemy.exc import DBAPIError

from messagebus import AsyncMessageBus, Command, ConfigurationError
from messagebus.adapters.feed import Feed
from messagebus.adapters.jsonlines import AsyncJsonLinesOutput, AsyncJsonLinesStream
from messagebus.adapters.redis_address import RedisAddress
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlOutbox,
    AsyncSqlStream,
    BlockingDatabase,
    DatabaseUnavailableError,
    RetryableTransactionError,
    StorageError,
    leader_of,
    open_database,
    open_sync_database,
    retry_transaction,
    storage_errors,
)
from messagebus.relay import AsyncAbstractStream, AsyncRelay, Shard
from messagebus.telemetry import (
    AsyncObservedStream,
    Observer,
)
from reading_club.adapters.queries import SqlQueries
from reading_club.adapters.schema import ClubTables
from reading_club.adapters.tables import eventstore, stream
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.config import Settings
from reading_club.service.uow import StaleModelError

__all__ = [
    "UNAVAILABLE",
    "ClubTables",
    "ClubUnitOfWork",
    "ReadingClub",
    "Settings",
    "StorageError",
    "open_club",
    "open_storage",
]

T = TypeVar("T")
E = TypeVar("E")
MAX_ATTEMPTS = 30
"""How often a unit of work is run where others are faster: of fifty on one row, ten is too few."""

UNAVAILABLE = (
    DBAPIError,
    DatabaseUnavailableError,
    RetryableTransactionError,
    StaleModelError,
)
"""Errors of the database, or of other transactions, after which a client may try again."""


class ReadingClub:
    """The club at work: a bus with its handlers, its queries, and the parts around its database."""

    def __init__(
        self, database: AsyncSqlDatabase, settings: Settings, observers: Sequence[Observer] = ()
    ) -> None:
        self.database = database
        self.settings = settings
        self.observers = observers
        self.bus = AsyncMessageBus().observe(*observers)
        self.bus.scan("reading_club.service.handlers")
        self.queries = SqlQueries(database)
        self.tables = ClubTables(database, settings.database_name)
        self._stream: AsyncAbstractStream | None = None

    async def run(
        self,
        work: Callable[[ClubUnitOfWork], Awaitable[T]],
        *,
        actor: str | None = None,
        correlation_id: str | None = None,
    ) -> T:
        """Run a whole unit of work, again where another transaction was in its way.

        The journal keeps `actor` and `correlation_id` with each of its messages.
        """

        async def recorded(transaction: ClubUnitOfWork) -> T:
            transaction.journal.actor = actor
            transaction.journal.correlation_id = correlation_id
            return await work(transaction)

        return await retry_transaction(
            ClubUnitOfWork(self.database).observe(*self.observers),
            recorded,
            retry_on=(RetryableTransactionError, StaleModelError),
            max_attempts=MAX_ATTEMPTS,
        )

    async def handle(
        self, command: Command[Result[T, E]], *, actor: str | None = None
    ) -> Result[T, E]:
        """Handle a command in a transaction of its own, kept unless the result is an error."""

        async def work(transaction: ClubUnitOfWork) -> Result[T, E]:
            result = await self.bus.handle(command, transaction)
            await (transaction.commit() if result.is_ok() else transaction.rollback())
            return result

        return await self.run(work, actor=actor)

    def outbox(self, shard: Shard | None = None) -> AsyncSqlOutbox:
        """The event store, or one shard of it, as what waits for the stream."""
        return AsyncSqlOutbox(self.database, eventstore, shard)

    def stream(self) -> AsyncAbstractStream:
        """The stream that the settings name, which `open_club` closes."""
        if self._stream is None:
            self._stream = self._opened_stream()
        return self._stream

    def _opened_stream(self) -> AsyncAbstractStream:
        place = self.settings.stream_place
        if isinstance(place, RedisAddress):
            return _redis_stream(place)
        if place is not None:
            return AsyncJsonLinesStream(place)
        if self.settings.stream.get_secret_value() == "-":
            return AsyncJsonLinesOutput(sys.stdout.buffer)
        return AsyncSqlStream(self.database, stream)

    def feed(self) -> Feed | None:
        """The feed of the stream; `None` where the settings name one that no position reads."""
        found = self.stream()
        return Feed(found) if isinstance(found, AsyncSqlStream) else None

    def relay(self, shard: Shard | None = None) -> AsyncRelay:
        """The relay from the outbox, or a shard of it, to the stream."""
        days = self.settings.retention_days
        return AsyncRelay(
            self.outbox(shard),
            AsyncObservedStream(self.stream(), *self.observers),
            leader_of(self.database, eventstore, shard),
            retention=None if days is None else timedelta(days=days),
        )

    async def close(self) -> None:
        """Close the stream; the database stays open."""
        if self._stream is not None:
            await self._stream.close()


def _redis_stream(address: RedisAddress) -> AsyncAbstractStream:
    try:
        from messagebus.adapters.redis import AsyncRedisStream
    except ModuleNotFoundError as error:
        raise ConfigurationError(
            "READING_CLUB_STREAM names a Redis, but redis is not installed: install "
            "messagebus[redis]."
        ) from error
    return AsyncRedisStream(address)


@asynccontextmanager
async def open_storage(
    settings: Settings, *, blocking: bool = False
) -> AsyncGenerator[AsyncSqlDatabase, None]:
    """Open the club's database, whatever tables it has, and close it at the end.

    With `blocking` the event loop itself waits for the database, at less cost: for a process that
    has nothing else to do.
    """
    limits = settings.limits
    database = (
        BlockingDatabase(open_sync_database(settings.url, **limits))
        if blocking
        else open_database(settings.url, **limits)
    )
    with storage_errors(settings.database_name):
        try:
            yield database
        finally:
            await database.close()


@asynccontextmanager
async def open_club(
    settings: Settings, *, blocking: bool = False, observers: Sequence[Observer] = ()
) -> AsyncGenerator[ReadingClub, None]:
    """Open the club's database, make the tables where there are none, and close it at the end.

    `observers` watch what the club does, and slow it down by what they do themselves.
    Raises `StorageError` for the tables of another release: they are migrated on request only.
    """
    async with open_storage(settings, blocking=blocking) as database:
        club = ReadingClub(database, settings, observers)
        try:
            await club.tables.prepare()
            yield club
        finally:
            await club.close()
