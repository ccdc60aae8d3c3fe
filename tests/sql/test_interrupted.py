"""Transactions that are cancelled, refused or misused are complete or undone; the next goes on."""

import asyncio
import contextlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError

from messagebus import AsyncMessageBus, TransactionError
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    RetryableTransactionError,
    SyncSqlUnitOfWork,
    open_database,
    open_sync_database,
)
from reading_club.adapters.tables import eventstore, metadata
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.domain.messages import RegisterBook
from tests.sql.test_each_database import journal

NOTES = "CREATE TABLE notes (id integer PRIMARY KEY, at integer REFERENCES notes %s)"
TO_NOTHING = 99


def make_notes(connection: sa.Connection) -> None:
    """A table whose rows may refer to others; the commit checks that those exist."""
    connection.execute(sa.text(NOTES % "DEFERRABLE INITIALLY DEFERRED"))


def note(number: int, at: int | None = None) -> Callable[[sa.Connection], None]:
    insert = sa.text("INSERT INTO notes VALUES (:id, :at)")

    def add(connection: sa.Connection) -> None:
        connection.execute(insert, {"id": number, "at": at})

    return add


def noted(connection: sa.Connection) -> list[int]:
    return [*connection.execute(sa.text("SELECT id FROM notes ORDER BY id")).scalars()]


@pytest.fixture
async def notes(each_database: AsyncSqlDatabase) -> AsyncSqlDatabase:
    await each_database.run(make_notes)
    return each_database


def cancel_soon(task: asyncio.Task[None], times: int) -> None:
    """Cancel it while it waits for the database, and again one turn of the loop later."""
    loop = asyncio.get_running_loop()

    def cancel(left: int) -> None:
        task.cancel()
        if left > 1:
            loop.call_soon(cancel, left - 1)

    loop.call_soon(cancel, times)


async def test_a_commit_that_the_database_refuses_is_rolled_back_and_the_next_goes_on(
    notes: AsyncSqlDatabase,
) -> None:
    with pytest.raises(IntegrityError):
        async with ClubUnitOfWork(notes) as transaction:
            await transaction.session.run(note(1, TO_NOTHING))
            await transaction.commit()
    with pytest.raises(IntegrityError):
        await notes.run(note(2, TO_NOTHING))
    await notes.run(note(3))
    assert await notes.run(noted) == [3]


def test_a_blocking_commit_that_is_refused_keeps_no_lock(each_url: str) -> None:
    database, other = open_sync_database(each_url), open_sync_database(each_url, timeout=0.1)
    database.create(metadata)
    with SyncSqlUnitOfWork(database, eventstore) as transaction:
        transaction.session.run(make_notes)
        transaction.commit()
    with (
        pytest.raises(IntegrityError),
        SyncSqlUnitOfWork(database, eventstore) as transaction,
    ):
        transaction.session.run(note(1, TO_NOTHING))
        transaction.commit()
    for each in (other, database):
        with SyncSqlUnitOfWork(each, eventstore) as transaction:
            transaction.session.run(note(2 if each is other else 3))
            transaction.commit()
    with SyncSqlUnitOfWork(database, eventstore) as transaction:
        assert transaction.session.run(noted) == [2, 3]
        transaction.rollback()
    database.close()
    other.close()


async def test_a_commit_after_a_failed_statement_keeps_the_rows_or_raises(
    notes: AsyncSqlDatabase,
) -> None:
    kept = False
    with contextlib.suppress(DBAPIError):
        async with ClubUnitOfWork(notes) as transaction:
            await transaction.session.run(note(1))
            with pytest.raises(IntegrityError):
                await transaction.session.run(note(1))
            await transaction.commit()
            kept = True
    assert await notes.run(noted) == [1] * kept


def test_a_sync_commit_after_a_failed_statement_keeps_the_rows_or_raises(each_url: str) -> None:
    database, kept = open_sync_database(each_url), False
    database.create(metadata)
    with database.engine.begin() as connection:
        make_notes(connection)
    with (
        contextlib.suppress(DBAPIError),
        SyncSqlUnitOfWork(database, eventstore) as transaction,
    ):
        transaction.session.run(note(1))
        with pytest.raises(IntegrityError):
            transaction.session.run(note(1))
        transaction.commit()
        kept = True
    with database.engine.begin() as connection:
        assert noted(connection) == [1] * kept
    database.close()


async def test_statements_at_once_are_of_one_transaction(
    notes: AsyncSqlDatabase, each_url: str
) -> None:
    cold = open_database(each_url)
    async with ClubUnitOfWork(cold) as transaction:
        run = transaction.session.run
        await asyncio.gather(*(run(note(number)) for number in range(4)))
        await transaction.commit()
    assert await notes.run(noted) == [0, 1, 2, 3]
    await cold.close()


async def test_a_commit_that_is_cancelled_twice_is_whole(
    register_book_cmd: RegisterBook, each_database: AsyncSqlDatabase, bus: AsyncMessageBus
) -> None:
    status: list[str] = []

    async def register() -> None:
        async with ClubUnitOfWork(each_database) as transaction:
            await bus.handle(register_book_cmd, transaction)
            cancel_soon(task, times=2)
            await transaction.commit()
            status.append(transaction.status.value)

    task = asyncio.create_task(register())
    with pytest.raises(asyncio.CancelledError):
        await task
    assert status == ["committed"]
    assert len(await each_database.run(journal)) == 2


async def test_a_cancellation_is_raised_although_the_commit_fails(notes: AsyncSqlDatabase) -> None:
    async def work() -> None:
        async with ClubUnitOfWork(notes) as transaction:
            await transaction.session.run(note(1, TO_NOTHING))
            cancel_soon(task, times=1)
            await transaction.commit()

    task = asyncio.create_task(work())
    with pytest.raises(asyncio.CancelledError):
        await task

    async def alone() -> None:
        cancel_soon(other, times=1)
        await notes.run(note(1, TO_NOTHING))

    other = asyncio.create_task(alone())
    with pytest.raises(asyncio.CancelledError):
        await other
    assert await notes.run(noted) == []


async def test_a_timeout_in_the_commit_ends_with_its_scope(notes: AsyncSqlDatabase) -> None:
    loop = asyncio.get_running_loop()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(None) as scope, ClubUnitOfWork(notes) as transaction:
            await transaction.session.run(note(1))
            loop.call_soon(scope.reschedule, 0)
            await transaction.commit()
    await asyncio.sleep(0)
    assert await notes.run(noted) == [1]


async def test_a_timeout_of_a_transaction_of_one_function_ends_with_its_scope(
    database: AsyncSqlDatabase,
) -> None:
    await database.run(make_notes)
    loop = asyncio.get_running_loop()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(None) as scope:
            loop.call_soon(scope.reschedule, 0)
            await database.run(note(1))
    await asyncio.sleep(0)
    assert await database.run(noted) == [1]


async def test_a_function_that_finds_nothing_to_iterate_is_an_error(
    notes: AsyncSqlDatabase,
) -> None:
    def first(connection: sa.Connection) -> int:
        return next(iter(noted(connection)))

    with pytest.raises(RuntimeError, match="StopIteration"):
        await notes.run(first)
    await notes.run(note(1))
    assert await notes.run(first, read_only=True) == 1


async def test_an_async_function_is_refused(notes: AsyncSqlDatabase) -> None:
    async def later(connection: sa.Connection) -> None:
        note(1)(connection)

    with pytest.raises(TransactionError, match="later returned an awaitable"):
        assert await notes.run(later)
    with pytest.raises(TransactionError, match="Remove `async` and `await` from it"):
        assert await notes.run(later, read_only=True)
    with pytest.raises(TransactionError, match="returned an awaitable"):
        async with ClubUnitOfWork(notes) as transaction:
            assert await transaction.session.run(later)


async def test_a_closed_database_raises_an_error_that_says_so(file: Path) -> None:
    database = open_database(f"sqlite:///{file}")
    await database.create(metadata)
    await database.close()
    with pytest.raises(TransactionError, match="is closed"):
        await database.run(journal)


def test_a_blocking_begin_that_was_refused_is_tried_again_by_the_next_statement(file: Path) -> None:
    database = open_sync_database(f"sqlite:///{file}", timeout=0.01)
    database.create(metadata)
    with database.engine.begin() as connection:
        make_notes(connection)
    with (
        pytest.raises(LookupError),
        SyncSqlUnitOfWork(database, eventstore) as transaction,
    ):
        with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(RetryableTransactionError):
                transaction.session.run(note(1))
        transaction.session.run(note(2))
        raise LookupError
    with SyncSqlUnitOfWork(database, eventstore) as transaction:
        assert transaction.session.run(noted) == []
        transaction.rollback()
    database.close()
