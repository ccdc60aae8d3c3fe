"""Promises that hold on SQLite and PostgreSQL alike, async and blocking."""

import asyncio
from typing import Any

import pytest
import sqlalchemy as sa
from lastuuid.dummies import uuidgen
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from messagebus import AsyncMessageBus, Message, TransactionError
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    RetryableTransactionError,
    SyncSqlUnitOfWork,
    open_sync_database,
    retry_sync_transaction,
    retry_transaction,
)
from reading_club.adapters.tables import books, eventstore, metadata
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.domain.messages import BookReviewed, RegisterBook
from reading_club.domain.model import Book, Rating
from reading_club.service.repositories import RatingRepositoryError
from tests.waiting import TIMEOUT

DDD = Book(id=uuidgen(1), isbn="0-321-12521-5", title="Domain Driven Design", author="Eric Evans")


def journal(connection: sa.Connection) -> list[tuple[object, ...]]:
    columns = eventstore.table.c
    query = sa.select(columns.kind, columns.published, columns.type, columns.stream_key)
    return [tuple(row) for row in connection.execute(query.order_by(columns.position))]


async def keep_a_book(database: AsyncSqlDatabase) -> None:
    async with ClubUnitOfWork(database) as transaction:
        await transaction.books.add(DDD.model_copy())
        await transaction.commit()


async def test_a_command_and_its_events_are_rows_in_their_order(
    register_book_cmd: RegisterBook, each_database: AsyncSqlDatabase, bus: AsyncMessageBus
) -> None:
    async with ClubUnitOfWork(each_database) as transaction:
        await bus.handle(register_book_cmd, transaction)
        assert await each_database.run(journal, read_only=True) == []
        await transaction.commit()

    assert await each_database.run(journal, read_only=True) == [
        ("command", False, "register_book_v1", ""),
        ("event", True, "register_book_v1", str(register_book_cmd.id)),
    ]


async def test_a_reader_sees_committed_rows_beside_a_writer(
    each_database: AsyncSqlDatabase,
) -> None:
    reader = ClubUnitOfWork(each_database, read_only=True)
    async with asyncio.timeout(TIMEOUT), ClubUnitOfWork(each_database) as writer:
        await writer.books.add(DDD.model_copy())
        async with reader as transaction:
            assert (await transaction.books.by_id(DDD.id)).is_err()
            await transaction.rollback()
        await writer.commit()
    async with reader as transaction:
        assert (await transaction.books.by_id(DDD.id)).is_ok()
        await transaction.rollback()


async def test_a_read_only_unit_of_work_can_change_nothing(each_database: AsyncSqlDatabase) -> None:
    async def add_a_book() -> None:
        async with ClubUnitOfWork(each_database, read_only=True) as transaction:
            await transaction.books.add(DDD.model_copy())

    with pytest.raises(DBAPIError, match=r"read-?only"):
        await add_a_book()
    await keep_a_book(each_database)


async def test_a_stale_rating_is_an_error_of_the_result(each_database: AsyncSqlDatabase) -> None:
    await keep_a_book(each_database)
    stale = Rating(book_id=DDD.id)
    async with ClubUnitOfWork(each_database) as transaction:
        assert (await transaction.ratings.save(stale.with_review(3))).is_ok()
        refused = await transaction.ratings.save(stale.with_review(4))
        loaded = await transaction.ratings.by_book(DDD.id)
        assert (await transaction.ratings.save(loaded.with_review(5))).is_ok()
        outrun = await transaction.ratings.save(loaded.with_review(6))
        await transaction.commit()
    assert refused.unwrap_err() is RatingRepositoryError.concurrency_error
    assert outrun.unwrap_err() is RatingRepositoryError.concurrency_error


async def test_a_unit_of_work_is_run_again_until_it_is_let_through(
    each_database: AsyncSqlDatabase,
) -> None:
    attempts: list[int] = []

    async def work(transaction: ClubUnitOfWork) -> str:
        attempts.append(1)
        await transaction.books.add(DDD.model_copy())
        if len(attempts) < 3:
            raise RetryableTransactionError("another one was in its way")
        await transaction.commit()
        return "kept"

    assert await retry_transaction(ClubUnitOfWork(each_database), work) == "kept"
    assert len(attempts) == 3


async def test_a_unit_of_work_that_fails_for_too_long_is_not_run_again(
    each_database: AsyncSqlDatabase, each_url: str
) -> None:
    attempts: list[int] = []

    async def work(transaction: ClubUnitOfWork) -> None:
        attempts.append(1)
        raise RetryableTransactionError("another one was in its way")

    with pytest.raises(RetryableTransactionError):
        await retry_transaction(
            ClubUnitOfWork(each_database), work, max_attempts=10**6, max_elapsed=0.1
        )
    with pytest.raises(RetryableTransactionError):
        await retry_transaction(
            ClubUnitOfWork(each_database), work, max_attempts=10**6, max_elapsed=0
        )
    assert 2 <= len(attempts) < 10**6

    def blocking_work(transaction: SyncSqlUnitOfWork) -> None:
        raise RetryableTransactionError("another one was in its way")

    database = open_sync_database(each_url)
    with pytest.raises(RetryableTransactionError):
        retry_sync_transaction(
            SyncSqlUnitOfWork(database, eventstore),
            blocking_work,
            max_attempts=10**6,
            max_elapsed=0.1,
        )
    database.close()


async def test_a_unit_of_work_is_not_run_again_after_its_commit(
    each_database: AsyncSqlDatabase,
) -> None:
    attempts: list[int] = []

    async def work(transaction: ClubUnitOfWork) -> None:
        attempts.append(1)
        await transaction.books.add(DDD.model_copy())
        await transaction.commit()
        raise RetryableTransactionError("too late")

    with pytest.raises(RetryableTransactionError, match="too late"):
        await retry_transaction(ClubUnitOfWork(each_database), work)
    assert len(attempts) == 1


async def test_a_cancelled_commit_is_whole(
    each_database: AsyncSqlDatabase, register_book_cmd: RegisterBook, bus: AsyncMessageBus
) -> None:
    status: list[str] = []

    async def register() -> None:
        async with ClubUnitOfWork(each_database) as transaction:
            await bus.handle(register_book_cmd, transaction)
            asyncio.get_running_loop().call_soon(task.cancel)
            await transaction.commit()
            status.append(transaction.status.value)
            await asyncio.sleep(1)

    task = asyncio.create_task(register())
    with pytest.raises(asyncio.CancelledError):
        await task
    assert status == ["committed"]
    assert len(await each_database.run(journal, read_only=True)) == 2


def add_by_orm(connection: sa.Connection) -> None:
    with Session(connection) as orm:
        orm.execute(books.insert(), {**DDD.model_dump(), "isbn_13": "9780321125217"})
        orm.flush()


def count_books(connection: sa.Connection) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(books)).scalar_one()


async def test_an_orm_session_takes_part_in_the_transaction_and_does_not_end_it(
    each_database: AsyncSqlDatabase,
) -> None:
    async with ClubUnitOfWork(each_database) as transaction:
        await transaction.session.run(add_by_orm)
        await transaction.rollback()
    assert await each_database.run(count_books) == 0
    async with ClubUnitOfWork(each_database) as transaction:
        await transaction.session.run(add_by_orm)
        await transaction.commit()
    assert await each_database.run(count_books) == 1


def test_an_orm_session_takes_part_in_the_sync_variant_s_transaction(each_url: str) -> None:
    database = open_sync_database(each_url)
    database.create(metadata)
    with SyncSqlUnitOfWork(database, eventstore) as transaction:
        transaction.session.run(add_by_orm)
        transaction.commit()
    with SyncSqlUnitOfWork(database, eventstore) as transaction:
        assert transaction.session.run(count_books) == 1
        transaction.rollback()
    database.close()


def add_book(connection: sa.Connection) -> None:
    connection.execute(books.insert(), {**DDD.model_dump(), "isbn_13": "9780321125217"})


def reviewed() -> Message[Any]:
    return BookReviewed(
        id=uuidgen(2), book_id=DDD.id, reviewer_id=uuidgen(3), rating=9, comment="A classic"
    )


def test_the_sync_variant_keeps_models_and_messages_in_one_transaction(each_url: str) -> None:
    database = open_sync_database(each_url)
    database.create(metadata)
    uow = SyncSqlUnitOfWork(database, eventstore)
    with uow as transaction:
        transaction.session.run(add_book)
        transaction.eventstore.add(reviewed())
        transaction.rollback()
    with uow as transaction:
        assert transaction.journal.published() == []
        transaction.session.run(add_book)
        transaction.eventstore.add(reviewed())
        transaction.commit()
    with SyncSqlUnitOfWork(database, eventstore, read_only=True) as transaction:
        assert [envelope["type"] for _, envelope in transaction.journal.published()] == [
            "book_reviewed_v1"
        ]
        transaction.rollback()
    with pytest.raises(TransactionError, match="outside of a transaction"):
        uow.session.run(add_book)
    database.close()


def test_the_sync_variant_runs_a_rolled_back_unit_of_work_again(each_url: str) -> None:
    database = open_sync_database(each_url)
    database.create(metadata)
    attempts: list[int] = []

    def work(transaction: SyncSqlUnitOfWork) -> None:
        attempts.append(1)
        transaction.session.run(add_book)
        if len(attempts) < 2:
            raise RetryableTransactionError("another one was in its way")
        transaction.commit()

    retry_sync_transaction(SyncSqlUnitOfWork(database, eventstore), work)
    assert len(attempts) == 2
    database.close()
