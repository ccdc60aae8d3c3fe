"""One error has one class: for both variants, on both databases."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError

from messagebus import TransactionError
from messagebus.adapters.sqlalchemy import (
    AsyncSqlUnitOfWork,
    DatabaseUnavailableError,
    RetryableTransactionError,
    StatementFailedError,
    SyncSqlUnitOfWork,
    open_database,
    open_sync_database,
    retry_sync_transaction,
    retry_transaction,
)
from reading_club.adapters.tables import eventstore

things = sa.Table(
    "things",
    sa.MetaData(),
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("number", sa.Integer),
)
Work = Callable[[sa.Connection], Any]


class Variant:
    """Runs a function in a unit of work of its own, by one variant or the other."""

    def __init__(self, name: str, url: str, **settings: Any) -> None:
        self.sync = name == "sync"
        self._async_database = open_database(url, **settings)
        self._sync_database = open_sync_database(url, **settings)

    async def run(self, work: Work, *, again: bool = False, read_only: bool = False) -> Any:
        def blocking() -> Any:
            def attempt(transaction: SyncSqlUnitOfWork) -> Any:
                result = transaction.session.run(work)
                transaction.commit()
                return result

            uow = SyncSqlUnitOfWork(self._sync_database, eventstore, read_only=read_only)
            return retry_sync_transaction(uow, attempt, max_attempts=10 if again else 1)

        async def attempt(transaction: AsyncSqlUnitOfWork) -> Any:
            result = await transaction.session.run(work)
            await transaction.commit()
            return result

        if self.sync:
            return await asyncio.to_thread(blocking)
        uow = AsyncSqlUnitOfWork(self._async_database, eventstore, read_only=read_only)
        return await retry_transaction(uow, attempt, max_attempts=10 if again else 1)

    async def close(self) -> None:
        await self._async_database.close()
        self._sync_database.close()


@pytest.fixture(params=["async", "sync"])
def name(request: pytest.FixtureRequest) -> str:
    variant: str = request.param
    return variant


@pytest.fixture
async def variant(name: str, each_url: str) -> AsyncGenerator[Variant, None]:
    variant = Variant(name, each_url)
    await variant.run(things.metadata.create_all)
    yield variant
    await variant.close()


@pytest.fixture
async def on_server(name: str, server_url: str) -> AsyncGenerator[Variant, None]:
    variant = Variant(name, server_url, pool_size=3, statement_timeout=0.5, timeout=0.2)
    await variant.run(things.metadata.create_all)
    yield variant
    await variant.close()


def insert(id_: object) -> Work:
    return lambda connection: connection.execute(sa.insert(things), {"id": id_})


def insert_twice(connection: sa.Connection) -> None:
    for _ in range(2):
        insert(1)(connection)


def text(statement: str) -> Work:
    return lambda connection: connection.execute(sa.text(statement)).all()


@pytest.mark.parametrize(
    ("work", "error"),
    [
        (insert(2**70), DataError),
        (insert_twice, IntegrityError),
        (text("SELECT * FROM nothing"), ProgrammingError),
        (text("SELEKT 1"), ProgrammingError),
    ],
    ids=["too large", "twice", "no such table", "misspelt"],
)
async def test_a_wrong_statement_raises_sqlalchemy_s_error(
    variant: Variant, work: Work, error: type[DBAPIError]
) -> None:
    with pytest.raises(error) as raised:
        await variant.run(work)
    assert not isinstance(raised.value, TransactionError)


async def test_another_failure_is_the_project_s_error_and_a_dbapi_error(
    variant: Variant,
) -> None:
    with pytest.raises(TransactionError, match=r"read-?only") as raised:
        await variant.run(insert(1), read_only=True)
    assert isinstance(raised.value, StatementFailedError)
    assert isinstance(raised.value, DBAPIError)
    assert isinstance(raised.value.__cause__, DBAPIError)


async def test_a_statement_that_takes_too_long_is_the_project_s_error(on_server: Variant) -> None:
    with pytest.raises(StatementFailedError, match="statement timeout"):
        await on_server.run(text("SELECT pg_sleep(60)"))


async def test_a_database_that_cannot_be_opened_is_unavailable(name: str) -> None:
    variant = Variant(name, "sqlite:////nowhere/at/all.db")
    with pytest.raises(DatabaseUnavailableError, match="may write it and its folder"):
        await variant.run(text("SELECT 1"))
    await variant.close()


async def test_a_pool_without_a_free_connection_is_the_project_s_error(server_url: str) -> None:
    database = open_sync_database(server_url, pool_size=1, timeout=0.2)
    one, other = (SyncSqlUnitOfWork(database, eventstore) for _ in range(2))
    with one as transaction, other as waiting:
        transaction.session.run(text("SELECT 1"))
        with pytest.raises(DatabaseUnavailableError, match="enlarge the pool"):
            waiting.session.run(text("SELECT 1"))
        waiting.rollback()
        transaction.rollback()
    database.close()


async def fill_the_pool(variant: Variant) -> None:
    """Let each connection of the pool prepare the statement."""

    def read(connection: sa.Connection) -> None:
        for _ in range(8):
            connection.execute(sa.select(things)).all()
        connection.execute(sa.text("SELECT pg_sleep(0.05)"))

    await asyncio.gather(*(variant.run(read) for _ in range(3)))


async def alter(variant: Variant, kind: str) -> None:
    await variant.run(
        lambda connection: connection.execute(
            sa.text(f"ALTER TABLE things ALTER COLUMN number TYPE {kind}")
        )
    )


async def test_a_unit_of_work_that_meets_an_altered_table_is_run_again(on_server: Variant) -> None:
    await fill_the_pool(on_server)
    await alter(on_server, "bigint")
    with pytest.raises(RetryableTransactionError):
        await on_server.run(lambda connection: connection.execute(sa.select(things)).all())
    await fill_the_pool(on_server)
    await alter(on_server, "text")
    for _ in range(6):
        await on_server.run(
            lambda connection: connection.execute(sa.select(things)).all(), again=True
        )


async def test_a_statement_that_postgresql_does_not_support_is_not_run_again(
    on_server: Variant,
) -> None:
    attempts = 0

    def try_it(connection: sa.Connection) -> None:
        nonlocal attempts
        attempts += 1
        connection.execute(sa.text("SELECT count(*) FROM things FOR UPDATE"))

    with pytest.raises(StatementFailedError):
        await on_server.run(try_it, again=True)
    assert attempts == 1


async def test_a_statement_after_a_broken_connection_is_unavailable(
    on_server: Variant,
) -> None:
    def break_it(connection: sa.Connection) -> None:
        try:
            connection.execute(sa.text("SELECT pg_terminate_backend(pg_backend_pid())"))
        except DBAPIError:
            connection.execute(sa.select(1))

    with pytest.raises(DatabaseUnavailableError):
        await on_server.run(break_it)
