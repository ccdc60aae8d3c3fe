"""The streams that the newsletter can read, by their addresses."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from messagebus import ConfigurationError
from messagebus.adapters.jsonlines import AsyncJsonLinesStream
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlStream,
    StreamTable,
    open_database,
)
from messagebus.relay import AsyncAbstractStream

_ADDRESSES = "Write sql, sqlite:///PATH, postgresql://HOST/NAME, or file:///PATH."


@dataclass(frozen=True)
class ClubStream:
    """The stream of the club's messages."""

    stream: AsyncAbstractStream

    first_position: Callable[[], Awaitable[int | None]]
    """Returns the position of the first message that the stream has; `None` if it has none."""


@asynccontextmanager
async def open_stream(address: str, own: AsyncSqlDatabase) -> AsyncGenerator[ClubStream, None]:
    """Open the stream at an address; `sql` is the newsletter's own database.

    Raises `ConfigurationError` for an address of another kind, and shows none of it.
    """
    scheme = address.partition(":")[0].partition("+")[0]
    if address == "sql":
        yield _in_tables(own)
    elif scheme in ("sqlite", "postgresql"):
        database = open_database(_parsed(address))
        try:
            yield _in_tables(database)
        finally:
            await database.close()
    elif address.startswith("file:///"):
        yield ClubStream(AsyncJsonLinesStream(unquote(urlsplit(address).path)), _first)
    else:
        raise ConfigurationError(f"NEWSLETTER_STREAM is no address of a stream. {_ADDRESSES}")


def _parsed(address: str) -> sa.URL:
    try:
        return sa.make_url(address)
    except (ArgumentError, ValueError):
        raise ConfigurationError(f"NEWSLETTER_STREAM is no URL. {_ADDRESSES}") from None


def _in_tables(database: AsyncSqlDatabase) -> ClubStream:
    table = StreamTable(sa.MetaData())
    first = sa.select(sa.func.min(table.table.c.position))

    async def first_position() -> int | None:
        return await database.run(lambda each: each.scalar(first), read_only=True)

    return ClubStream(AsyncSqlStream(database, table), first_position)


async def _first() -> int:
    """The first position of a file of lines, from which nothing is purged."""
    return 1
