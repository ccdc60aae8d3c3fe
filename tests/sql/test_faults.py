"""A full disk, a read-only file and an unavailable server cause an error, and no loss."""

import asyncio
import json
from collections.abc import Generator
from pathlib import Path

import pytest
import sqlalchemy as sa
from lastuuid.dummies import uuidgen
from sqlalchemy.exc import DBAPIError

from messagebus import AsyncMessageBus
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    DatabaseUnavailableError,
    SyncSqlUnitOfWork,
    open_database,
    open_sync_database,
)
from reading_club.adapters.tables import eventstore, metadata
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.domain.messages import RegisterBook
from tests.sql.conftest import rows
from tests.sql.servers import PrivateServer
from tests.sql.test_each_database import DDD, add_book, keep_a_book

COUNTS = "SELECT (SELECT count(*) FROM books), (SELECT count(*) FROM eventstore)"


@pytest.fixture
def server(server_folder: Path) -> Generator[PrivateServer, None, None]:
    server = PrivateServer(server_folder)
    server.start()
    yield server
    server.stop()


async def register(database: AsyncSqlDatabase, bus: AsyncMessageBus, command: RegisterBook) -> None:
    async with ClubUnitOfWork(database) as transaction:
        await bus.handle(command, transaction)
        await transaction.commit()


async def test_a_full_disk_is_an_error_and_what_is_committed_stays(
    database: AsyncSqlDatabase, bus: AsyncMessageBus, file: Path, register_book_cmd: RegisterBook
) -> None:
    def limit_pages(connection: sa.Connection, more: int) -> None:
        pages = connection.execute(sa.text("PRAGMA page_count")).scalar_one()
        connection.execute(sa.text(f"PRAGMA max_page_count = {pages + more}"))

    await keep_a_book(database)
    await database.run(lambda connection: limit_pages(connection, 0))
    book = {"id": str(uuidgen(8)), "isbn": "9780132350884", "author": "R. C. Martin"}
    huge = RegisterBook.model_validate_json(json.dumps({**book, "title": "Clean " * 10_000}))
    with pytest.raises(DBAPIError, match="database or disk is full"):
        await register(database, bus, huge)
    assert rows(file, COUNTS) == [(1, 0)]

    await database.run(lambda connection: limit_pages(connection, 1000))
    await register(database, bus, huge)
    assert rows(file, COUNTS) == [(2, 2)]


async def test_a_read_only_file_is_read_and_refuses_to_be_written(
    database: AsyncSqlDatabase, bus: AsyncMessageBus, file: Path, register_book_cmd: RegisterBook
) -> None:
    await register(database, bus, register_book_cmd)
    read_only = open_database(f"sqlite:///file:{file}?mode=ro&uri=true")
    with pytest.raises(DBAPIError, match="attempt to write a readonly database"):
        await register(read_only, bus, register_book_cmd)
    async with ClubUnitOfWork(read_only, read_only=True) as transaction:
        assert (await transaction.books.by_id(register_book_cmd.id)).is_ok()
        await transaction.rollback()
    await read_only.close()
    assert rows(file, COUNTS) == [(1, 2)]


async def test_a_server_that_restarts_within_a_transaction_loses_that_one_and_no_other(
    server: PrivateServer, bus: AsyncMessageBus, register_book_cmd: RegisterBook
) -> None:
    database = open_database(server.url)
    await database.create(metadata)
    await keep_a_book(database)
    other = RegisterBook(id=uuidgen(8), isbn="9780132350884", title="Clean Code", author="A. U.")

    async def register_while(happens: str) -> None:
        async with ClubUnitOfWork(database) as transaction:
            await bus.handle(other, transaction)
            server.stop()
            if happens == "restart":
                server.start()
            await transaction.commit()

    with pytest.raises(DatabaseUnavailableError, match="It is not known whether it was committed"):
        await register_while("restart")
    await register(database, bus, other)

    with pytest.raises(DatabaseUnavailableError):
        await register_while("stop")
    with pytest.raises(DatabaseUnavailableError, match="no connection to"):
        await register(database, bus, other)
    server.start()
    found = await database.run(lambda connection: connection.execute(sa.text(COUNTS)).one())
    assert tuple(found) == (2, 2)
    await database.close()


def test_the_sync_variant_connects_again_too(server: PrivateServer) -> None:
    database = open_sync_database(server.url)
    database.create(metadata)
    uow = SyncSqlUnitOfWork(database, eventstore)

    def add_while_it_restarts() -> None:
        with uow as transaction:
            transaction.session.run(add_book)
            server.stop()
            server.start()
            transaction.commit()

    with pytest.raises(DatabaseUnavailableError):
        add_while_it_restarts()
    with uow as transaction:
        transaction.session.run(add_book)
        transaction.commit()
    database.close()


@pytest.mark.parametrize("host", ["127.0.0.1:1", "nowhere.invalid"])
async def test_a_server_that_is_not_there_is_named_without_the_password(host: str) -> None:
    url = f"postgresql://ann:sesame@{host}/club"
    database = open_database(url)
    with pytest.raises(DatabaseUnavailableError, match=r"ann:\*\*\*@") as refused:
        await keep_a_book(database)
    assert "sesame" not in f"{refused.value!r} {database!r} {vars(database)!r}"
    await database.close()

    sync_database = open_sync_database(url)
    with pytest.raises(DatabaseUnavailableError, match=r"ann:\*\*\*@") as refused:
        SyncSqlUnitOfWork(sync_database, eventstore).__enter__().session.run(add_book)
    assert "sesame" not in f"{refused.value!r} {sync_database!r} {vars(sync_database)!r}"
    sync_database.close()


async def test_a_wrong_password_is_refused_and_not_repeated(server_folder: Path) -> None:
    server = PrivateServer(server_folder, auth="scram-sha-256")
    server.start()
    url = server.url.replace("postgres@", "postgres:sesame@")
    database, sync_database = open_database(url), open_sync_database(url)
    with pytest.raises(DatabaseUnavailableError, match="password authentication failed") as refused:
        await keep_a_book(database)
    assert "sesame" not in str(refused.value)
    with pytest.raises(DatabaseUnavailableError, match="password authentication failed") as refused:
        SyncSqlUnitOfWork(sync_database, eventstore).__enter__().session.run(add_book)
    assert "sesame" not in str(refused.value)
    await database.close()
    sync_database.close()
    server.stop()


async def test_the_second_of_two_writers_that_add_one_book_gets_an_error(each_url: str) -> None:
    databases = [open_database(each_url), open_database(each_url)]
    await databases[0].create(metadata)

    async def add_too() -> bool:
        async with ClubUnitOfWork(databases[1]) as transaction:
            added = await transaction.books.add(DDD.model_copy(update={"id": uuidgen(9)}))
            await transaction.rollback()
        return added.is_ok()

    async with ClubUnitOfWork(databases[0]) as transaction:
        assert (await transaction.books.add(DDD.model_copy())).is_ok()
        second = asyncio.create_task(add_too())
        await asyncio.sleep(0.1)
        assert not second.done()
        await transaction.commit()
    assert await second is False
    for database in databases:
        await database.close()
