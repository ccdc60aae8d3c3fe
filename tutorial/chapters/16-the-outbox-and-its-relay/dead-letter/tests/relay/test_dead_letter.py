"""A dead letter shows its reason, and is sent again."""

import sqlalchemy as sa

from messagebus import AsyncMessageBus
from messagebus.adapters.sqlalchemy import AsyncSqlDatabase, AsyncSqlOutbox
from reading_club.adapters.tables import eventstore
from reading_club.adapters.uow import ClubUnitOfWork
from tests.sql.season import SEASON, play

TABLE = eventstore.table


def reasons(connection: sa.Connection) -> list[str]:
    return list(connection.scalars(sa.select(TABLE.c.refusal).where(TABLE.c.refusal.is_not(None))))


def replay(connection: sa.Connection) -> None:
    connection.execute(sa.update(TABLE).values(refused_at=None, refusal=None))


async def test_a_dead_letter_is_sent_after_all(
    each_database: AsyncSqlDatabase, bus: AsyncMessageBus
) -> None:
    outbox = AsyncSqlOutbox(each_database, eventstore)
    await play(SEASON[:2], ClubUnitOfWork(each_database), bus)
    first, second = await outbox.waiting(10)
    await outbox.reject(first.position, "too large")
    assert await outbox.waiting(10) == [second]
    assert await each_database.run(reasons) == ["too large"]
    await each_database.run(replay)
    assert await outbox.waiting(10) == [first, second]
