"""The one place where the newsletter's parts are put together."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

from messagebus import AsyncMessageBus, MessageBusError
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlInbox,
    MigratedDatabase,
    Migrations,
    open_database,
    shown_url,
)
from messagebus.consumer import AsyncConsumer
from newsletter.adapters import rebuilding
from newsletter.adapters.rebuilding import BUILDER, CONSUMER
from newsletter.adapters.repositories import NewsletterUnitOfWork
from newsletter.adapters.streams import ClubStream, open_stream
from newsletter.adapters.tables import inbox, metadata
from newsletter.config import Settings
from newsletter.domain.messages import CONSUMED

REVISION = "0001"
"""The migration that makes today's tables."""


class IncompleteStreamError(MessageBusError):
    """The stream no longer begins at its first message."""


class Newsletter:
    """The newsletter at work: its bus, its database, and the stream that it consumes."""

    def __init__(self, database: AsyncSqlDatabase, club: ClubStream, settings: Settings) -> None:
        self.database = database
        self.settings = settings
        self.stream = club.stream
        self._club = club
        self.bus = AsyncMessageBus()
        self.bus.scan("newsletter.service.handlers")

    def inbox(self, name: str = CONSUMER) -> AsyncSqlInbox[NewsletterUnitOfWork]:
        """The messages that were consumed under a name."""
        return AsyncSqlInbox(self.database, inbox, name)

    def consumer(
        self, name: str = CONSUMER, generation: int | None = None
    ) -> AsyncConsumer[NewsletterUnitOfWork]:
        """A consumer of the stream, which counts in a generation or in the live one."""
        return AsyncConsumer(
            self.bus,
            partial(NewsletterUnitOfWork, self.database, generation),
            self.stream,
            self.inbox(name),
            messages=CONSUMED,
            retention=self.settings.retention,
            replay=self.settings.replay,
        )

    async def register(self) -> None:
        """Let the stream keep all messages from now on until the newsletter has consumed them."""
        await self.stream.register(CONSUMER)

    async def rebuild(self, *, from_what_is_kept: bool = False) -> int:
        """Build the read model anew from the stream, and show it; return how many it applied.

        The live read model is shown and continued meanwhile. Letters that were written stay as
        they are. A killed rebuild has changed nothing that is shown; run it again.
        Raises `IncompleteStreamError` if the stream has lost its first message, unless
        `from_what_is_kept`.
        """
        if not from_what_is_kept and not await self._begins_at_first():
            raise IncompleteStreamError(
                "the stream no longer begins at its first message. A read model that is built "
                "from it lacks what was purged. Add --from-what-is-kept to build it all the same."
            )
        building, started_at = await self.database.run(rebuilding.begin)
        await self._club.forget(BUILDER)
        consumer = self.consumer(BUILDER, building)
        switch = partial(rebuilding.switch, building=building, started_at=started_at)
        await consumer.run_once()
        while not await self.database.run(switch):
            await consumer.run_once()
        await self._club.forget(BUILDER)
        return consumer.counts.applied

    async def _begins_at_first(self) -> bool:
        """Whether the stream has its first message; an empty one, if nothing was consumed."""
        first = await self._club.first_position()
        return first == 1 if first is not None else not (await self.inbox().status()).done


def tables_of(database: AsyncSqlDatabase, settings: Settings) -> MigratedDatabase:
    """The newsletter's tables, and their migrations."""
    return MigratedDatabase(
        database,
        Migrations("newsletter:migrations", metadata, REVISION),
        name=shown_url(settings.url),
        upgrade="newsletter db upgrade",
    )


@asynccontextmanager
async def open_storage(settings: Settings) -> AsyncGenerator[AsyncSqlDatabase, None]:
    """Open the newsletter's database, whatever tables it has."""
    database = open_database(settings.url)
    try:
        yield database
    finally:
        await database.close()


@asynccontextmanager
async def open_newsletter(settings: Settings) -> AsyncGenerator[Newsletter, None]:
    """Open the database and the stream; make the tables if there are none."""
    async with open_storage(settings) as database:
        await tables_of(database, settings).prepare()
        async with open_stream(settings.stream.get_secret_value(), database) as club:
            yield Newsletter(database, club, settings)
