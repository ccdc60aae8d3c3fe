"""The journal is a fixture: what was asked, asked again of an empty club."""

import sqlalchemy as sa

from messagebus import AsyncMessageBus
from messagebus.adapters.sqlalchemy import AsyncSqlDatabase
from reading_club.adapters.tables import eventstore
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.domain.messages import RegisterBook, RegisterReviewer, ReviewBook
from tests.memory.uow import InMemoryUnitOfWork
from tests.sql.season import SEASON, Order, play

CLASSES: dict[str, type[Order]] = {
    "register_book_v1": RegisterBook,
    "register_reviewer_v1": RegisterReviewer,
    "review_book_v1": ReviewBook,
}


def orders(connection: sa.Connection) -> list[Order]:
    columns = eventstore.table.c
    asked = sa.select(columns.type, columns.payload).where(columns.kind == "command")
    rows = connection.execute(asked.order_by(columns.position))
    return [CLASSES[row.type].model_validate_json(row.payload) for row in rows]


async def test_an_empty_club_plays_it_again(
    each_database: AsyncSqlDatabase, uow: InMemoryUnitOfWork, bus: AsyncMessageBus
) -> None:
    played = ClubUnitOfWork(each_database)
    await play(SEASON, played, bus)
    await play(await each_database.run(orders), uow, bus)
    async with played as once, uow as again:
        assert await once.catalogue.shelf() == await again.catalogue.shelf()
        await once.rollback()
        await again.rollback()
