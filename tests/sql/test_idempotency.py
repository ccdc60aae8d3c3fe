"""Idempotency keys in a table, over each database."""

import asyncio
from collections.abc import AsyncGenerator

import pytest
import sqlalchemy as sa

from messagebus.adapters.idempotency import (
    IdempotencyKeyReusedError,
    Reservation,
    StoredResponse,
)
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlIdempotencyStore,
    AsyncSqlUnitOfWork,
    EventstoreTable,
    IdempotencyTable,
    open_database,
)

metadata = sa.MetaData()
eventstore = EventstoreTable(metadata)
keys = IdempotencyTable(metadata)
ONE = Reservation("k", "0" * 64)
CREATED = StoredResponse(201, '{"id": 1}', "application/json", '"1"', "/parcels/1")
GONE = StoredResponse(404, "{}", "application/problem+json")


class UnitOfWork(AsyncSqlUnitOfWork):
    def __init__(self, database: AsyncSqlDatabase) -> None:
        super().__init__(database, eventstore)
        self.idempotency = AsyncSqlIdempotencyStore(self.session, keys)


@pytest.fixture
async def database(each_url: str) -> AsyncGenerator[AsyncSqlDatabase, None]:
    database = open_database(each_url)
    await database.create(metadata)
    yield database
    await database.close()


async def stored(database: AsyncSqlDatabase, reservation: Reservation) -> StoredResponse | None:
    async with UnitOfWork(database) as transaction:
        found = await transaction.idempotency.reserve(reservation)
        await transaction.rollback()
    return found


async def test_a_completed_key_has_its_response(database: AsyncSqlDatabase) -> None:
    async with UnitOfWork(database) as transaction:
        assert await transaction.idempotency.reserve(ONE) is None
        await transaction.idempotency.complete(ONE, CREATED)
        await transaction.commit()
    assert await stored(database, ONE) == CREATED


async def test_a_key_may_be_reserved_with_its_response(database: AsyncSqlDatabase) -> None:
    async with UnitOfWork(database) as transaction:
        assert await transaction.idempotency.reserve(ONE, GONE) is None
        assert await transaction.idempotency.reserve(ONE, CREATED) == GONE
        await transaction.commit()
    assert await stored(database, ONE) == GONE


async def test_a_rollback_frees_the_key(database: AsyncSqlDatabase) -> None:
    async with UnitOfWork(database) as transaction:
        await transaction.idempotency.reserve(ONE)
        await transaction.rollback()
    assert await stored(database, ONE) is None


async def test_a_key_of_another_request_is_an_error(database: AsyncSqlDatabase) -> None:
    async with UnitOfWork(database) as transaction:
        await transaction.idempotency.reserve(ONE, CREATED)
        with pytest.raises(IdempotencyKeyReusedError, match="'k' was used for another request"):
            await transaction.idempotency.reserve(ONE._replace(digest="1" * 64))
        await transaction.rollback()


async def test_a_reservation_waits_for_the_one_before(database: AsyncSqlDatabase) -> None:
    reserved = asyncio.Event()

    async def first() -> None:
        async with UnitOfWork(database) as transaction:
            await transaction.idempotency.reserve(ONE)
            reserved.set()
            await asyncio.sleep(0.05)
            await transaction.idempotency.complete(ONE, CREATED)
            await transaction.commit()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(first())
        await reserved.wait()
        second = tasks.create_task(stored(database, ONE))
    assert second.result() == CREATED


def test_the_table_has_the_name_that_the_application_gives_it() -> None:
    table = IdempotencyTable(sa.MetaData(), "answers").table
    assert table.name == "answers"
    assert [column.name for column in table.columns] == [
        *("key", "digest", "status", "body", "asked_at", "media_type", "etag", "location")
    ]
