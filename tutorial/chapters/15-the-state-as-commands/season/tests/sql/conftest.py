"""Units of work over each kind of storage; the same promises hold on all."""

from collections.abc import AsyncGenerator, Generator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from messagebus.adapters.sqlalchemy import AsyncSqlDatabase, open_database
from reading_club.adapters import schema
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.service.uow import AbstractUnitOfWork
from tests.conftest import EventstreamTransport
from tests.memory.uow import InMemoryUnitOfWork
from tests.requires import postgresql


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "club.db"


@pytest.fixture
def server_url() -> Generator[str, None, None]:
    """The URL of a PostgreSQL database of the test's own."""
    server = postgresql()
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        yield f"{server.rpartition('/')[0]}/{name}"
        connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@pytest.fixture(params=["sqlite", "postgresql"])
def each_url(request: pytest.FixtureRequest, file: Path) -> str:
    """A URL of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{file}"
    url: str = request.getfixturevalue("server_url")
    return url


@pytest.fixture
async def each_database(each_url: str) -> AsyncGenerator[AsyncSqlDatabase, None]:
    database = open_database(each_url, timeout=0.2)
    await database.run(schema.upgrade)
    yield database
    await database.close()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
async def each_uow(
    request: pytest.FixtureRequest, file: Path
) -> AsyncGenerator[AbstractUnitOfWork, None]:
    """The club's unit of work over dictionaries, SQLite and PostgreSQL."""
    if request.param == "memory":
        yield InMemoryUnitOfWork(EventstreamTransport())
        return
    url = f"sqlite:///{file}"
    if request.param == "postgresql":
        url = request.getfixturevalue("server_url")
    database = open_database(url)
    await database.run(schema.upgrade)
    yield ClubUnitOfWork(database)
    await database.close()
