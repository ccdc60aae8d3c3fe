"""Units of work over each kind of storage; the same promises hold on all."""

import sqlite3
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from messagebus.adapters.sqlalchemy import SqlDatabase
from messagebus.adapters.sqlite import open_sqlite
from reading_club.adapters.tables import metadata
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.service.uow import AbstractUnitOfWork
from tests.conftest import EventstreamTransport
from tests.memory.uow import InMemoryUnitOfWork


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "club.db"


@pytest.fixture
async def database(file: Path) -> AsyncGenerator[SqlDatabase, None]:
    database = open_sqlite(str(file))
    await database.create(metadata)
    yield database
    database.close()


@pytest.fixture
def sql_uow(database: SqlDatabase) -> ClubUnitOfWork:
    return ClubUnitOfWork(database)


@pytest.fixture(params=["memory", "sqlite"])
def each_uow(request: pytest.FixtureRequest, database: SqlDatabase) -> AbstractUnitOfWork:
    """The club's unit of work, once over dictionaries and once over SQLite."""
    if request.param == "memory":
        return InMemoryUnitOfWork(EventstreamTransport())
    return ClubUnitOfWork(database)


def rows(file: Path, query: str) -> list[tuple[object, ...]]:
    """What another process would read."""
    connection = sqlite3.connect(file)
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()
