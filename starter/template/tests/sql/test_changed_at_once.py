"""Twelve clients change one ‹word› at once, and no change is lost."""

import json
from collections.abc import AsyncGenerator, Sequence
from functools import partial
from uuid import UUID

import pytest
import sqlalchemy as sa
from lastuuid import uuid7
from pydantic import SecretStr

from tests.sql.at_once import CLIENTS, ROUNDS, Barrier, at_once
from ‹package›.adapters.tables import eventstore
from ‹package›.adapters.uow import SqlUnitOfWork
from ‹package›.adapters.uow import SqlUnitOfWork
from ‹package›.bootstrap import Application, Settings, open_application
from ‹package›.domain.messages import Rename‹Aggregate›
from ‹package›.domain.model import ‹Aggregate›


@pytest.fixture
async def application(each_url: str) -> AsyncGenerator[Application, None]:
    settings = Settings(database_url=SecretStr(each_url), pool_size=CLIENTS)
    async with open_application(settings) as application:
        yield application


async def rename(application: Application, id: UUID, barrier: Barrier) -> ‹Aggregate›:
    command = Rename‹Aggregate›(id=id, name=str(uuid7()))

    async def work(transaction: SqlUnitOfWork) -> ‹Aggregate›:
        await transaction.‹aggregates›.by_id(id)
        await barrier.wait()
        renamed = await application.bus.handle(command, transaction)
        await transaction.commit()
        return renamed.unwrap()

    return await application.run(work)


def changes(connection: sa.Connection, id: UUID) -> Sequence[tuple[str, str]]:
    """The names before and after each change, as the stream is told them."""
    columns = eventstore.table.c
    query = sa.select(columns.payload).where(
        columns.stream_key == str(id), columns.type == "‹aggregate›_renamed_v1"
    )
    events = map(json.loads, connection.scalars(query.order_by(columns.position)))
    return [(event["previous_name"], event["name"]) for event in events]


async def test_each_of_twelve_changes_follows_the_one_before(application: Application) -> None:
    for number in range(ROUNDS):
        first = ‹Aggregate›(id=uuid7(), name=f"Number {number}")
        async with SqlUnitOfWork(application.database) as transaction:
            await transaction.‹aggregates›.add(first)
            await transaction.commit()
        renamed = await at_once(application.database, partial(rename, application, first.id))
        assert sorted(each.version for each in renamed) == [*range(2, CLIENTS + 2)]
        names = [each.name for each in sorted(renamed, key=lambda each: each.version)]
        told = await application.database.run(partial(changes, id=first.id))
        assert told == [*zip([first.name, *names[:-1]], names, strict=True)]
