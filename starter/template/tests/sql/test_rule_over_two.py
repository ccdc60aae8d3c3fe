"""A rule over two aggregates, as an example: an owner has at most five ‹words› open.

Each transaction that opens one saves the owner too, of which nothing changes but the version. So
two that have counted the same ‹words› conflict, and one of them is run again. Without that,
PostgreSQL lets all twelve through: each has counted before any other one commits.
"""

from collections.abc import AsyncGenerator
from enum import Enum
from functools import partial
from types import EllipsisType
from uuid import UUID

import pytest
import sqlalchemy as sa
from lastuuid import uuid7
from pydantic import SecretStr
from result import Err, Ok, Result

from messagebus import AsyncAbstractRepository, AsyncMessageBus, Command, Model
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlSession,
    RetryableTransactionError,
    retry_transaction,
)
from tests.sql.at_once import CLIENTS, TIMEOUT, ROUNDS, Barrier, at_once
from ‹package›.adapters.uow import SqlUnitOfWork
from ‹package›.bootstrap import MAX_ATTEMPTS, Settings, open_application
from ‹package›.domain.model import ‹Aggregate›
from ‹package›.service.uow import StaleModelError

AT_MOST = 5
metadata = sa.MetaData()
owners = sa.Table(
    "example_owners",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
)
owned = sa.Table(
    "example_owned",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("owner", sa.Uuid, nullable=False),
)


class ExampleOwner(Model):
    id: UUID
    version: int = 1


class ExampleError(Enum):
    too_many = "too_many"


Answer = Result[EllipsisType, ExampleError]


class OpenExample(Command[Answer]):
    id: UUID
    owner: UUID


def new_owner(connection: sa.Connection) -> UUID:
    owner = ExampleOwner(id=uuid7())
    connection.execute(owners.insert().values(owner.model_dump()))
    return owner.id


def load(connection: sa.Connection, id: UUID) -> ExampleOwner:
    row = connection.execute(sa.select(owners).where(owners.c.id == id))
    return ExampleOwner(**row.mappings().one())


def count(connection: sa.Connection, owner: UUID) -> int:
    query = sa.select(sa.func.count()).where(owned.c.owner == owner)
    return connection.scalar(query) or 0


def give(connection: sa.Connection, owner: UUID, id: UUID) -> None:
    connection.execute(owned.insert().values(id=id, owner=owner))


def replace(connection: sa.Connection, owner: ExampleOwner) -> bool:
    loaded = (owners.c.id == owner.id) & (owners.c.version == owner.version)
    statement = owners.update().where(loaded).values(version=owner.version + 1)
    return connection.execute(statement).rowcount == 1


class ExampleOwners(AsyncAbstractRepository[ExampleOwner]):
    def __init__(self, session: AsyncSqlSession) -> None:
        self._session = session

    async def by_id(self, id: UUID) -> ExampleOwner:
        owner = await self._session.run(load, id)
        self.seen.append(owner)
        return owner

    async def count(self, owner: UUID) -> int:
        return await self._session.run(count, owner)

    async def give(self, owner: UUID, id: UUID) -> None:
        await self._session.run(give, owner, id)

    async def save(self, owner: ExampleOwner) -> bool:
        self.seen.append(owner)
        return await self._session.run(replace, owner)


class ExampleUnitOfWork(SqlUnitOfWork):
    def __init__(self, database: AsyncSqlDatabase) -> None:
        super().__init__(database)
        self.example_owners = ExampleOwners(self.session)


async def open_example(
    cmd: OpenExample, uow: ExampleUnitOfWork, barrier: Barrier
) -> Answer:
    """Load the owner before counting: in the other order the version may be newer than the count."""
    owner = await uow.example_owners.by_id(cmd.owner)
    opened = await uow.example_owners.count(cmd.owner)
    await barrier.wait()
    if opened >= AT_MOST:
        return Err(ExampleError.too_many)
    await uow.‹aggregates›.add(‹Aggregate›(id=cmd.id, name=str(cmd.id)))
    await uow.example_owners.give(cmd.owner, cmd.id)
    if not await uow.example_owners.save(owner):
        raise StaleModelError(owner)
    return Ok(...)


bus = AsyncMessageBus()
bus.add_listener(OpenExample, open_example)


@pytest.fixture
async def database(each_url: str) -> AsyncGenerator[AsyncSqlDatabase, None]:
    settings = Settings(database_url=SecretStr(each_url), pool_size=CLIENTS)
    async with open_application(settings) as application:
        await application.database.create(metadata)
        yield application.database


async def ask(database: AsyncSqlDatabase, owner: UUID, barrier: Barrier) -> Answer:
    command = OpenExample(id=uuid7(), owner=owner)

    async def work(transaction: ExampleUnitOfWork) -> Answer:
        answer = await bus.handle(command, transaction, barrier=barrier)
        await (transaction.commit() if answer.is_ok() else transaction.rollback())
        return answer

    again = (RetryableTransactionError, StaleModelError)
    return await retry_transaction(
        ExampleUnitOfWork(database), work, retry_on=again, max_attempts=MAX_ATTEMPTS, max_elapsed=TIMEOUT
    )


async def test_five_of_twelve_are_let_through(database: AsyncSqlDatabase) -> None:
    for _ in range(ROUNDS):
        owner = await database.run(new_owner)
        answers = await at_once(database, partial(ask, database, owner))
        assert answers.count(Ok(...)) == AT_MOST
        assert answers.count(Err(ExampleError.too_many)) == CLIENTS - AT_MOST
        assert await database.run(partial(count, owner=owner)) == AT_MOST
