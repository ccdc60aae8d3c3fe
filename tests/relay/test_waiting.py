"""Committed messages wait, and no others."""

from messagebus import AsyncMessageBus
from messagebus.adapters.sqlalchemy import AsyncSqlDatabase, AsyncSqlOutbox
from reading_club.adapters.tables import eventstore
from reading_club.adapters.uow import ClubUnitOfWork
from tests.sql.season import SEASON, play


async def test_a_committed_message_waits_until_it_is_sent(
    each_database: AsyncSqlDatabase, bus: AsyncMessageBus
) -> None:
    outbox = AsyncSqlOutbox(each_database, eventstore)
    await play(SEASON[:2], ClubUnitOfWork(each_database), bus)
    async with ClubUnitOfWork(each_database) as transaction:
        await bus.handle(SEASON[2], transaction)
        await transaction.rollback()
    first, second = await outbox.waiting(10)
    assert first.message.headers["stream_key"] == str(SEASON[0].id)
    assert second.message.envelope["type"] == "register_book_v1"
    await outbox.mark_sent([first.position])
    assert await outbox.waiting(10) == [second]
