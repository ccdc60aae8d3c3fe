"""Each test of a database runs on SQLite and on PostgreSQL."""

from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from messagebus.adapters.sqlalchemy import AsyncSqlDatabase, open_database
from tests.consumer.parts import metadata
from tests.sql.conftest import server_database, server_url

__all__ = ["server_database", "server_url"]


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/newsletter.db"


@pytest.fixture(params=["sqlite_url", "server_url"], ids=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest) -> str:
    found: str = request.getfixturevalue(request.param)
    return found


@pytest.fixture
async def database(url: str) -> AsyncGenerator[AsyncSqlDatabase, None]:
    opened = open_database(url)
    await opened.create(metadata)
    yield opened
    await opened.close()


@pytest.fixture
async def sqlite(sqlite_url: str) -> AsyncGenerator[AsyncSqlDatabase, None]:
    opened = open_database(sqlite_url)
    await opened.create(metadata)
    yield opened
    await opened.close()
