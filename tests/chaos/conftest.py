"""Each database with each stream: a database of books and reviewers, empty otherwise."""

import asyncio
from pathlib import Path

import pytest

from messagebus.adapters.sqlalchemy import open_database
from reading_club.adapters.tables import metadata
from tests.chaos.requests import keep_reviewers
from tests.chaos.roles import Place
from tests.sql.conftest import each_url, file, server_database, server_url
from tests.sql.counting import keep_books

__all__ = ["each_url", "file", "server_database", "server_url"]


async def make(url: str) -> None:
    database = open_database(url)
    await database.create(metadata)
    await keep_books(database)
    await keep_reviewers(database)
    await database.close()


@pytest.fixture(params=["table", "lines"])
def place(request: pytest.FixtureRequest, each_url: str, tmp_path: Path) -> Place:
    asyncio.run(make(each_url))
    return Place(each_url, tmp_path / "stream.jsonl" if request.param == "lines" else None)
