"""Commands and the events that they raised, beside the models."""

import sqlalchemy as sa

from messagebus import AsyncMessageBus
from messagebus.adapters.sqlalchemy import AsyncSqlDatabase
from reading_club.adapters.uow import ClubUnitOfWork
from tests.sql.season import SEASON, play


def told(connection: sa.Connection) -> list[tuple[str, str]]:
    rows = connection.execute(sa.text("SELECT kind, type FROM eventstore ORDER BY position"))
    return [(kind, type_) for kind, type_ in rows]


async def test_a_command_outlives_its_process(
    each_database: AsyncSqlDatabase, bus: AsyncMessageBus
) -> None:
    await play(SEASON, ClubUnitOfWork(each_database), bus)
    messages = await each_database.run(told)
    assert messages[:2] == [("command", "register_book_v1"), ("event", "register_book_v1")]
    assert messages[-2:] == [("command", "review_book_v1"), ("event", "book_reviewed_v1")]
    assert len(messages) == 2 * len(SEASON)


async def test_a_rolled_back_command_is_not_in_the_journal(
    each_database: AsyncSqlDatabase, bus: AsyncMessageBus
) -> None:
    async with ClubUnitOfWork(each_database) as transaction:
        await bus.handle(SEASON[0], transaction)
        await transaction.rollback()
    assert await each_database.run(told) == []
