"""Each test of a database runs on SQLite and on PostgreSQL."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from messagebus.adapters.sqlalchemy import AsyncSqlDatabase, open_database
from tests.consumer.parts import metadata
from tests.sql.conftest import server_database, server_url

__all__ = ["server_database", "server_url"]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/newsletter.db"
    found: str = request.getfixturevalue("server_url")
    return found


@pytest.fixture
async def database(url: str) -> AsyncGenerator[AsyncSqlDatabase, None]:
    opened = open_database(url)
    await opened.create(metadata)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite(tmp_path: Path) -> AsyncGenerator[AsyncSqlDatabase, None]:
    opened = open_database(f"sqlite:///{tmp_path}/newsletter.db")
    await opened.create(metadata)
    yield opened
    await opened.close()
