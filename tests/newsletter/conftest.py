"""A club that publishes and a newsletter that consumes, each with a database of its own."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path

import pytest
from pydantic import SecretStr

from newsletter.bootstrap import Newsletter, open_newsletter
from newsletter.config import Settings
from reading_club.bootstrap import ReadingClub, open_club
from reading_club.config import Settings as ClubSettings
from tests.requires import postgresql
from tests.sql.conftest import database_of_its_own


@pytest.fixture(params=["sqlite", "postgresql"])
def urls(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[tuple[str, str], None, None]:
    """The addresses of the club's database and of the newsletter's."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/club.db", f"sqlite:///{tmp_path}/newsletter.db"
        return
    server = postgresql()
    with database_of_its_own(server) as club, database_of_its_own(server) as own:
        yield club, own


@pytest.fixture
def settings(urls: tuple[str, str]) -> Settings:
    club, own = urls
    return Settings(database_url=SecretStr(own), stream=SecretStr(club))


@pytest.fixture
async def club(urls: tuple[str, str]) -> AsyncGenerator[ReadingClub, None]:
    async with open_club(ClubSettings(database_url=SecretStr(urls[0]))) as club:
        yield club


@pytest.fixture
async def newsletter(club: ReadingClub, settings: Settings) -> AsyncGenerator[Newsletter, None]:
    async with open_newsletter(settings) as newsletter:
        yield newsletter
