"""The streams that the newsletter can read, by their addresses."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import sqlalchemy as sa
from redis.asyncio import Redis

from messagebus import ConfigurationError
from messagebus.adapters.jsonlines import AsyncJsonLinesStream, file_path
from messagebus.adapters.redis import AsyncRedisStream, RedisAddress, redis_address
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlStream,
    StreamTable,
    database_url,
    open_database,
)
from messagebus.relay import AsyncAbstractStream

T = TypeVar("T")

CLUB = "reading_club"
"""The club's stream in a broker, unless the address has another name."""

_ADDRESSES = (
    "Write sql, sqlite:///PATH, postgresql://HOST/NAME, redis://HOST:PORT/DB?stream=NAME, or "
    "file:///PATH."
)


@dataclass(frozen=True)
class ClubStream:
    """The stream of the club's messages."""

    stream: AsyncAbstractStream

    first_position: Callable[[], Awaitable[int | None]]
    """Returns the position of the first message that the stream has; `None` if it has none."""

    forget: Callable[[str], Awaitable[None]]
    """Deletes a consumer's position, so that the stream keeps nothing for it."""


@asynccontextmanager
async def open_stream(address: str, own: AsyncSqlDatabase) -> AsyncGenerator[ClubStream, None]:
    """Open the stream at an address; `sql` is the newsletter's own database.

    Raises `ConfigurationError` for an address of another kind, and shows none of it.
    """
    scheme = address.partition(":")[0].partition("+")[0]
    if address == "sql":
        yield _in_tables(own)
    elif scheme in ("sqlite", "postgresql"):
        database = open_database(_read(database_url, address))
        try:
            yield _in_tables(database)
        finally:
            await database.close()
    elif scheme in ("redis", "rediss"):
        async with _in_redis(_read(partial(redis_address, stream=CLUB), address)) as found:
            yield found
    elif address.startswith("file:///"):
        file = AsyncJsonLinesStream(_read(file_path, address))
        yield ClubStream(file, _first, partial(_begin_anew, file))
    else:
        raise ConfigurationError(f"NEWSLETTER_STREAM is no address of a stream. {_ADDRESSES}")


def _read(reader: Callable[[str], T], address: str) -> T:
    try:
        return reader(address)
    except ValueError as error:
        raise ConfigurationError(f"NEWSLETTER_STREAM cannot be read: {error}.") from None


def _in_tables(database: AsyncSqlDatabase) -> ClubStream:
    table = StreamTable(sa.MetaData())
    first = sa.select(sa.func.min(table.table.c.position))

    async def first_position() -> int | None:
        return await database.run(lambda each: each.scalar(first), read_only=True)

    stream = AsyncSqlStream(database, table)
    return ClubStream(stream, first_position, partial(_begin_anew, stream))


@asynccontextmanager
async def _in_redis(address: RedisAddress) -> AsyncGenerator[ClubStream, None]:
    stream, client = AsyncRedisStream(address), Redis.from_url(address.server)

    async def first_position() -> int | None:
        if not await client.exists(address.stream):
            return None
        known = await client.xinfo_stream(address.stream)
        return int(known["entries-added"]) - int(known["length"]) + 1

    async def forget(consumer: str) -> None:
        if await client.exists(address.stream):
            await client.xgroup_destroy(address.stream, consumer)

    try:
        yield ClubStream(stream, first_position, forget)
    finally:
        await stream.close()
        await client.aclose()


async def _begin_anew(stream: AsyncAbstractStream, consumer: str) -> None:
    """Delete the position of a consumer that the stream may not know."""
    with suppress(ConfigurationError):
        await stream.begin_anew(consumer)


async def _first() -> int:
    """The first position of a file of lines, from which nothing is purged."""
    return 1
