"""The one place where the club's parts are put together."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.exc import DatabaseError

from messagebus import AsyncMessageBus
from messagebus.adapters.sqlite import open_sqlite
from reading_club.adapters.tables import metadata
from reading_club.adapters.uow import ClubUnitOfWork

SQLITE = "sqlite:///"


class Settings(BaseSettings):
    """What can be set from outside: `READING_CLUB_DATABASE_URL`, a URL or a path."""

    model_config = SettingsConfigDict(env_prefix="READING_CLUB_")

    database_url: str = f"{SQLITE}reading-club.db"

    @field_validator("database_url")
    @classmethod
    def _sqlite_only(cls, url: str) -> str:
        if "://" in url and not url.startswith(SQLITE):
            raise ValueError(f"{url} is no {SQLITE}PATH, and the club keeps its books in SQLite")
        if not url.removeprefix(SQLITE):
            raise ValueError(f"{url!r} names no file: write {SQLITE}PATH, or the path alone")
        return url

    @property
    def database_path(self) -> Path:
        """The file that the URL names."""
        return Path(self.database_url.removeprefix(SQLITE))


class StorageError(Exception):
    """The database cannot be used; the message names it and says why."""


@dataclass
class ReadingClub:
    """The club at work: a bus with its handlers, and a unit of work on its database."""

    bus: AsyncMessageBus
    uow: ClubUnitOfWork


@asynccontextmanager
async def open_club(settings: Settings) -> AsyncGenerator[ReadingClub, None]:
    """Open the club's database, make what is missing in it, and close it at the end."""
    bus = AsyncMessageBus()
    bus.scan("reading_club.service.handlers")
    database = open_sqlite(str(settings.database_path))
    try:
        await database.create(metadata)
        yield ReadingClub(bus, ClubUnitOfWork(database))
    except DatabaseError as error:
        raise StorageError(
            f"the database {settings.database_path} cannot be used: {error.orig}"
        ) from error
    finally:
        database.close()
