"""Units of work over each kind of storage; the same promises hold on all."""

import sqlite3
import tempfile
from collections.abc import AsyncGenerator, Generator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg.sql import SQL, Identifier

from messagebus.adapters.sqlalchemy import AsyncSqlDatabase, open_database
from reading_club.adapters.tables import metadata
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.service.uow import AbstractUnitOfWork
from tests.conftest import EventstreamTransport
from tests.memory.uow import InMemoryUnitOfWork
from tests.requires import postgresql


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "club.db"


@contextmanager
def database_of_its_own(server: str) -> Generator[str, None, None]:
    """Make a database on the server, and drop it at the end."""
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
    yield f"{server.rpartition('/')[0]}/{name}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))


@pytest.fixture(scope="session")
def server_database() -> Generator[str, None, None]:
    """The URL of a PostgreSQL database for the tests of this process."""
    with database_of_its_own(postgresql()) as url:
        yield url


@pytest.fixture
def server_url(server_database: str) -> str:
    """The URL of an empty PostgreSQL database: emptied, which takes far less than to make one."""
    with psycopg.connect(server_database, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute("DROP SCHEMA public CASCADE")
        connection.execute("CREATE SCHEMA public")
    return server_database


@pytest.fixture
def server_folder() -> Generator[Path, None, None]:
    # Pytest's own is for the user of the test alone, and the server's may be another.
    with tempfile.TemporaryDirectory(prefix="club-") as folder:
        yield Path(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def each_url(request: pytest.FixtureRequest, file: Path) -> str:
    """A URL of an empty database of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{file}"
    url: str = request.getfixturevalue("server_url")
    return url


@pytest.fixture
async def each_database(each_url: str) -> AsyncGenerator[AsyncSqlDatabase, None]:
    database = open_database(each_url)
    await database.create(metadata)
    yield database
    await database.close()


@pytest.fixture
async def database(file: Path) -> AsyncGenerator[AsyncSqlDatabase, None]:
    database = open_database(f"sqlite:///{file}")
    await database.create(metadata)
    yield database
    await database.close()


@pytest.fixture
def sql_uow(database: AsyncSqlDatabase) -> ClubUnitOfWork:
    return ClubUnitOfWork(database)


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
    await database.create(metadata)
    yield ClubUnitOfWork(database)
    await database.close()


def rows(file: Path, query: str) -> list[tuple[object, ...]]:
    """What another process would read."""
    connection = sqlite3.connect(file)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()
