"""Each row names the message that caused it and their correlation id; async and blocking."""

from collections.abc import Sequence
from uuid import UUID

import pytest
import sqlalchemy as sa
from lastuuid.dummies import uuidgen

from messagebus import (
    AsyncAbstractRepository,
    AsyncMessageBus,
    Command,
    Event,
    Model,
    SyncAbstractRepository,
    SyncMessageBus,
)
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlUnitOfWork,
    SyncSqlDatabase,
    SyncSqlUnitOfWork,
    open_sync_database,
)
from reading_club.adapters.tables import eventstore, metadata

ADD, ADDED, COUNTED = uuidgen(1), uuidgen(2), uuidgen(3)
SPAN = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


class Shelf(Model):
    id: UUID


class Add(Command[None]):
    pass


class Added(Event):
    pass


class Counted(Event):
    pass


class AsyncShelves(AsyncAbstractRepository[Shelf]):
    pass


class SyncShelves(SyncAbstractRepository[Shelf]):
    pass


class AsyncUow(AsyncSqlUnitOfWork):
    def __init__(self, database: AsyncSqlDatabase) -> None:
        super().__init__(database, eventstore)
        self.shelves = AsyncShelves()


class SyncUow(SyncSqlUnitOfWork):
    def __init__(self, database: SyncSqlDatabase) -> None:
        super().__init__(database, eventstore)
        self.shelves = SyncShelves()


async def add(command: Add, uow: AsyncUow) -> None:
    uow.shelves.seen.append(shelf_with(Added(message_id=ADDED)))


async def count(event: Added, uow: AsyncUow) -> None:
    uow.shelves.seen.append(shelf_with(Counted(message_id=COUNTED)))


def sync_add(command: Add, uow: SyncUow) -> None:
    uow.shelves.seen.append(shelf_with(Added(message_id=ADDED)))


def sync_count(event: Added, uow: SyncUow) -> None:
    uow.shelves.seen.append(shelf_with(Counted(message_id=COUNTED)))


def shelf_with(event: Event) -> Shelf:
    shelf = Shelf(id=uuidgen(9))
    shelf.messages.append(event)
    return shelf


def causes(connection: sa.Connection) -> Sequence[tuple[object, ...]]:
    columns = eventstore.table.c
    query = sa.select(columns.id, columns.causation_id, columns.correlation_id)
    return [tuple(row) for row in connection.execute(query.order_by(columns.position))]


def spans(connection: sa.Connection) -> set[str | None]:
    return {*connection.scalars(sa.select(eventstore.table.c.traceparent))}


def chain(correlation_id: object) -> Sequence[tuple[object, ...]]:
    """A command, the event that its handler raised, and the one that this event's handler did."""
    return [
        (str(ADD), None, str(correlation_id)),
        (str(ADDED), str(ADD), str(correlation_id)),
        (str(COUNTED), str(ADDED), str(correlation_id)),
    ]


@pytest.mark.parametrize("request_id", [None, "a request"])
async def test_an_event_names_the_command_that_caused_it_and_their_correlation(
    each_database: AsyncSqlDatabase, request_id: str | None
) -> None:
    bus = AsyncMessageBus()
    bus.add_listener(Add, add)
    bus.add_listener(Added, count)
    uow = AsyncUow(each_database)
    async with uow as transaction:
        transaction.journal.correlation_id = request_id
        await bus.handle(Add(message_id=ADD), transaction)
        await transaction.commit()
    assert await each_database.run(causes) == chain(request_id or ADD)


@pytest.mark.parametrize("request_id", [None, "a request"])
def test_the_sync_variant_keeps_causes_too(each_url: str, request_id: str | None) -> None:
    database = open_sync_database(each_url)
    database.create(metadata)
    bus = SyncMessageBus()
    bus.add_listener(Add, sync_add)
    bus.add_listener(Added, sync_count)
    with SyncUow(database) as transaction:
        transaction.journal.correlation_id = request_id
        bus.handle(Add(message_id=ADD), transaction)
        transaction.commit()
    with database.engine.begin() as connection:
        assert causes(connection) == chain(request_id or ADD)
    database.close()


async def test_a_request_s_correlation_id_ends_with_its_transaction(
    each_database: AsyncSqlDatabase,
) -> None:
    bus = AsyncMessageBus()
    bus.add_listener(Add, add)
    uow = AsyncUow(each_database)
    async with uow as transaction:
        transaction.journal.correlation_id = "refused"
        transaction.journal.traceparent = SPAN
        await transaction.rollback()
    async with uow as transaction:
        await bus.handle(Add(message_id=ADD), transaction)
        await transaction.commit()
    assert await each_database.run(causes) == chain(ADD)[:2]
    assert await each_database.run(spans) == {None}


def test_a_request_s_correlation_id_ends_with_its_sync_transaction(each_url: str) -> None:
    database = open_sync_database(each_url)
    database.create(metadata)
    bus = SyncMessageBus()
    bus.add_listener(Add, sync_add)
    uow = SyncUow(database)
    with uow as transaction:
        transaction.journal.correlation_id = "kept"
        transaction.journal.traceparent = SPAN
        transaction.commit()
    with uow as transaction:
        bus.handle(Add(message_id=ADD), transaction)
        transaction.commit()
    with database.engine.begin() as connection:
        assert causes(connection) == chain(ADD)[:2]
        assert spans(connection) == {None}
    database.close()
