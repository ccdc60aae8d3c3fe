"""Concurrent and interrupted units of work."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    DatabaseUnavailableError,
    RetryableTransactionError,
    open_database,
)
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.domain.messages import RegisterBook
from reading_club.domain.model import Book, Rating
from tests.sql.conftest import rows

BOOKS = "SELECT count(*) FROM books"
MESSAGES = "SELECT count(*) FROM eventstore"


def count_of_books(connection: sa.Connection) -> int:
    found: int = connection.execute(sa.text(BOOKS)).scalar_one()
    return found


async def count_up(uow: ClubUnitOfWork, times: int) -> None:
    for _ in range(times):
        async with uow as transaction:
            rating = await transaction.ratings.by_book(uuidgen(1))
            await asyncio.sleep(0)
            await transaction.ratings.save(rating.with_review(1))
            await transaction.commit()


async def keep_a_book(database: AsyncSqlDatabase) -> None:
    async with ClubUnitOfWork(database) as transaction:
        await transaction.books.add(
            Book(id=uuidgen(1), isbn="0-321-12521-5", title="Domain Driven Design", author="E. E.")
        )
        await transaction.commit()


async def test_writers_of_one_process_take_turns_and_lose_nothing(
    database: AsyncSqlDatabase,
) -> None:
    await keep_a_book(database)
    await asyncio.gather(*(count_up(ClubUnitOfWork(database), 10) for _ in range(5)))
    async with ClubUnitOfWork(database) as transaction:
        rating = await transaction.ratings.by_book(uuidgen(1))
        await transaction.rollback()
    assert rating == Rating(book_id=uuidgen(1), reviews=50, total=50, version=50)


async def test_a_writer_that_finds_the_file_locked_may_run_again(
    database: AsyncSqlDatabase, file: Path
) -> None:
    hasty = open_database(f"sqlite:///{file}", timeout=0.01)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RetryableTransactionError):
            await hasty.run(count_of_books)
        other.execute("ROLLBACK")
    assert await hasty.run(count_of_books) == 0
    await hasty.close()


async def test_writers_of_two_connections_take_turns_and_lose_nothing(
    database: AsyncSqlDatabase, file: Path
) -> None:
    await keep_a_book(database)
    other = open_database(f"sqlite:///{file}")
    await asyncio.gather(
        count_up(ClubUnitOfWork(database), 20), count_up(ClubUnitOfWork(other), 20)
    )
    await other.close()
    assert rows(file, "SELECT reviews FROM ratings") == [(40,)]


async def test_a_writer_that_waits_too_long_for_its_turn_gets_an_error(
    database: AsyncSqlDatabase, file: Path
) -> None:
    hasty = open_database(f"sqlite:///{file}", timeout=0.05)

    async def wait_for_ones_own_end() -> None:
        async with ClubUnitOfWork(hasty) as outer, ClubUnitOfWork(hasty) as inner:
            await outer.books.by_id(uuidgen(1))
            await inner.books.by_id(uuidgen(1))

    with pytest.raises(DatabaseUnavailableError, match="End that one first"):
        await wait_for_ones_own_end()
    await keep_a_book(hasty)
    await hasty.close()


async def test_a_cancelled_statement_is_rolled_back_and_the_next_writer_goes_on(
    database: AsyncSqlDatabase, file: Path
) -> None:
    async def add_and_wait() -> None:
        async with ClubUnitOfWork(database) as transaction:
            await transaction.ratings.by_book(uuidgen(1))
            await transaction.session.run(lambda connection: asyncio.run(asyncio.sleep(0.05)))

    task = asyncio.create_task(add_and_wait())
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await keep_a_book(database)
    assert rows(file, BOOKS) == [(1,)]


async def test_a_commit_is_not_split_by_a_cancellation(
    register_book_cmd: RegisterBook, sql_uow: ClubUnitOfWork, bus: AsyncMessageBus, file: Path
) -> None:
    status: list[str] = []

    async def register() -> None:
        async with sql_uow as transaction:
            await bus.handle(register_book_cmd, transaction)
            asyncio.get_running_loop().call_soon(task.cancel)
            await transaction.commit()
            status.append(transaction.status.value)
            await asyncio.sleep(1)

    task = asyncio.create_task(register())
    with pytest.raises(asyncio.CancelledError):
        await task
    assert status == ["committed"]
    assert rows(file, BOOKS) == [(1,)]
    assert rows(file, MESSAGES) == [(2,)]


async def test_a_commit_that_fails_is_rolled_back(
    register_book_cmd: RegisterBook,
    database: AsyncSqlDatabase,
    sql_uow: ClubUnitOfWork,
    bus: AsyncMessageBus,
    file: Path,
) -> None:
    connection = sqlite3.connect(file)
    connection.execute("DROP TABLE eventstore")
    connection.close()

    async def register() -> None:
        async with sql_uow as transaction:
            await bus.handle(register_book_cmd, transaction)
            await transaction.commit()

    with pytest.raises(Exception, match="no such table: eventstore"):
        await register()
    assert rows(file, BOOKS) == [(0,)]
    async with sql_uow as transaction:
        assert (await transaction.books.by_id(register_book_cmd.id)).is_err()
        await transaction.rollback()
