"""The journal is a fixture: an empty club handles its commands again."""

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
    commands = sa.select(columns.type, columns.payload).where(columns.kind == "command")
    rows = connection.execute(commands.order_by(columns.position))
    return [CLASSES[row.type].model_validate_json(row.payload) for row in rows]


async def test_an_empty_club_plays_the_journal_again(
    each_database: AsyncSqlDatabase, uow: InMemoryUnitOfWork, bus: AsyncMessageBus
) -> None:
    played = ClubUnitOfWork(each_database)
    await play(SEASON, played, bus)
    await play(await each_database.run(orders), uow, bus)
    async with played as first, uow as second:
        assert await first.catalogue.shelf() == await second.catalogue.shelf()
        await first.rollback()
        await second.rollback()
