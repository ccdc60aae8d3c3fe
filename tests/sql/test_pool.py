"""A pool of one connection shows each unit of work that doesn't return it."""

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    DatabaseUnavailableError,
    SyncSqlUnitOfWork,
    open_database,
    open_sync_database,
)
from reading_club.adapters.tables import books, eventstore, metadata
from reading_club.adapters.uow import ClubUnitOfWork


@pytest.fixture
async def narrow(server_url: str) -> AsyncIterator[AsyncSqlDatabase]:
    database = open_database(server_url, pool_size=1, timeout=0.2)
    await database.create(metadata)
    yield database
    await database.close()


def number_of_books(connection: sa.Connection) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(books)).scalar_one()


def delete_the_books(connection: sa.Connection) -> None:
    connection.execute(sa.delete(books))


def sleep(connection: sa.Connection) -> None:
    connection.execute(sa.select(sa.func.pg_sleep(30)))


def give_up(connection: sa.Connection) -> None:
    number_of_books(connection)
    raise LookupError("not found")


async def test_a_read_gives_its_connection_back_however_it_ends(narrow: AsyncSqlDatabase) -> None:
    with pytest.raises(LookupError):
        await narrow.run(give_up, read_only=True)
    with pytest.raises(DBAPIError, match="read-only transaction"):
        await narrow.run(delete_the_books, read_only=True)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await narrow.run(sleep, read_only=True)
    assert await narrow.run(number_of_books, read_only=True) == 0
    await narrow.run(delete_the_books)


async def test_a_pool_without_a_free_connection_is_an_error_with_the_reason(
    narrow: AsyncSqlDatabase,
) -> None:
    async with ClubUnitOfWork(narrow) as transaction:
        await transaction.session.run(number_of_books)
        with pytest.raises(DatabaseUnavailableError, match="enlarge the pool"):
            await narrow.run(number_of_books, read_only=True)
        with pytest.raises(DatabaseUnavailableError, match="End them sooner"):
            await narrow.run(number_of_books)
        await transaction.rollback()
    assert await narrow.run(number_of_books, read_only=True) == 0


def called(connection: sa.Connection) -> object:
    return connection.execute(sa.text("SHOW application_name")).scalar_one()


async def test_a_url_may_say_what_libpq_knows(server_url: str) -> None:
    url = f"{server_url}?sslmode=disable&application_name=club"
    database, sync_database = open_database(url), open_sync_database(url)
    assert await database.run(called, read_only=True) == "club"
    with SyncSqlUnitOfWork(sync_database, eventstore) as transaction:
        assert transaction.session.run(called) == "club"
        transaction.rollback()
    await database.close()
    sync_database.close()
