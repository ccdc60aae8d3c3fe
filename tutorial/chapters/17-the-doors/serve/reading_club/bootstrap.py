"""The one place where the club's parts are put together."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar
from uuid import UUID

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict
from result import Result

from messagebus import AsyncMessageBus, Command
from messagebus.adapters.sqlalchemy import AsyncSqlDatabase, open_database
from reading_club.adapters.schema import upgrade
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.domain.results import ReviewResult
from reading_club.service.catalogue import ShelvedBook

T = TypeVar("T")
E = TypeVar("E")


class Settings(BaseSettings):
    """What can be set from outside, by variables whose names begin with `READING_CLUB_`."""

    model_config = SettingsConfigDict(env_prefix="READING_CLUB_", hide_input_in_errors=True)

    database_url: SecretStr = SecretStr("sqlite:///reading-club.db")
    """`postgresql://…` or `sqlite:///PATH`."""

    stream: str = "file:///tmp/reading-club.jsonl"
    """`file:///PATH`: the file of lines that the club tells its news to."""

    @property
    def url(self) -> str:
        """The database, for SQLAlchemy."""
        return self.database_url.get_secret_value()


class ReadingClub:
    """The club at work: a bus with its handlers, and units of work on its database."""

    def __init__(self, database: AsyncSqlDatabase) -> None:
        self.database = database
        self.bus = AsyncMessageBus()
        self.bus.scan("reading_club.service.handlers")

    async def handle(self, command: Command[Result[T, E]]) -> Result[T, E]:
        """Handle a command in a transaction of its own, which lasts if the result is no error."""
        async with ClubUnitOfWork(self.database) as transaction:
            result = await self.bus.handle(command, transaction)
            await (transaction.commit() if result.is_ok() else transaction.rollback())
        return result

    async def shelf(self) -> Sequence[ShelvedBook]:
        """All books with their ratings."""
        async with ClubUnitOfWork(self.database) as transaction:
            books = await transaction.catalogue.shelf()
            await transaction.rollback()
        return books

    async def review(self, id: UUID) -> ReviewResult:
        """One review, or `not_found`."""
        async with ClubUnitOfWork(self.database) as transaction:
            found = await transaction.reviews.by_id(id)
            await transaction.rollback()
        return found


@asynccontextmanager
async def open_club(settings: Settings) -> AsyncGenerator[ReadingClub, None]:
    """Open the club's database, bring its tables up to date, and close it at the end."""
    database = open_database(settings.url)
    try:
        await database.run(upgrade)
        yield ReadingClub(database)
    finally:
        await database.close()
