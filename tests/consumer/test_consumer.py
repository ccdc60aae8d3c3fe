"""Each message of a stream has its effect once, in the order of its key."""

import pytest

from messagebus import ConfigurationError, Event, Metadata
from messagebus.adapters.sqlalchemy import AsyncSqlDatabase, AsyncSqlInbox
from messagebus.consumer import AsyncConsumer, ConsumerCounts
from messagebus.relay import StreamMessage
from tests.consumer.parts import (
    Counted,
    Uow,
    bus_of,
    consumer_of,
    counted,
    effects,
    eventstore_table,
    inbox_of,
    inbox_table,
    note,
    numbers,
    publish,
    rows_of,
    stream_of,
)


@pytest.mark.parametrize("trusted", [True, False])
async def test_messages_are_applied_in_order_and_once(
    database: AsyncSqlDatabase, trusted: bool
) -> None:
    await publish(database, *[counted(n, key=f"k{n % 3}") for n in range(120)])
    consumer = consumer_of(database, trusted=trusted)
    await consumer.run_once()
    assert sorted(await numbers(database)) == [*range(120)]
    for key in ("k0", "k1", "k2"):
        of_key = [n for each, n in await effects(database) if each == key]
        assert of_key == sorted(of_key)
    assert consumer.counts.applied == 120
    assert await consumer_of(database).run_once() == 0
    assert await stream_of(database).lag("newsletter") == 0


async def test_a_message_that_is_delivered_again_is_not_applied_again(
    database: AsyncSqlDatabase,
) -> None:
    await publish(database, *[counted(n) for n in range(60)])
    await consumer_of(database).run_once()
    await stream_of(database).begin_anew("newsletter")
    for trusted in (True, False):
        again = consumer_of(database, trusted=trusted)
        await again.run_once()
        await stream_of(database).begin_anew("newsletter")
        assert again.counts == ConsumerCounts(repeated=60)
    assert await numbers(database) == [*range(60)]


async def test_an_effect_its_inbox_row_and_its_journal_are_one_transaction(
    database: AsyncSqlDatabase,
) -> None:
    async def fail(event: Counted, transaction: Uow) -> None:
        await note(event, transaction)
        raise ValueError("no")

    headers = {"stream_key": "k", "correlation_id": "case", "traceparent": "00-1-2-01"}
    (message,) = await publish(database, StreamMessage(counted(1).envelope, headers))
    await consumer_of(database, fail).run_once()
    assert await rows_of(database, eventstore_table.table) == []
    assert await numbers(database) == []
    await inbox_of(database).replay_dead_letters()
    await consumer_of(database).run_once()
    (row,) = await rows_of(database, eventstore_table.table)
    assert (row.id, row.published) == (message.envelope["id"], False)
    assert (row.correlation_id, row.traceparent) == ("case", "00-1-2-01")
    (received,) = await rows_of(database, inbox_table.table)
    assert (received.id, received.body) == (message.envelope["id"], None)


async def test_unknown_names_and_messages_without_a_handler_are_ignored_and_counted(
    database: AsyncSqlDatabase,
) -> None:
    await publish(
        database,
        counted(0, type="letter_sent_v3"),
        counted(0, type="no type"),
        counted(1, type="unheard_v1", payload='{"n": 1}'),
        counted(2),
    )
    for trusted in (True, False):
        consumer = consumer_of(database, trusted=trusted)
        await consumer.run_once()
    assert await numbers(database) == [2]
    assert (await inbox_of(database).status()).done == 4


async def test_an_old_version_is_upcast(database: AsyncSqlDatabase) -> None:
    await publish(database, counted(7, type="counted_v1", payload='{"n": 7}'))
    await consumer_of(database).run_once()
    assert await effects(database) == [("old", 7)]


def test_a_consumed_class_that_is_published_is_refused_when_the_consumer_is_built(
    sqlite: AsyncSqlDatabase,
) -> None:
    class Loud(Event):
        metadata: Metadata = Metadata(name="loud", schema_version=1, published=True)

    with pytest.raises(ConfigurationError, match=r"Loud is consumed and published"):
        AsyncConsumer(
            bus_of(),
            lambda: Uow(sqlite, eventstore_table),
            stream_of(sqlite),
            inbox_of(sqlite),
            messages=[Counted, Loud],
        )


async def test_two_consumers_of_other_names_share_a_table_and_each_receives_all(
    database: AsyncSqlDatabase,
) -> None:
    await publish(database, *[counted(n) for n in range(3)])
    for name in ("one", "two"):
        await consumer_of(database, inbox=AsyncSqlInbox(database, inbox_table, name)).run_once()
    assert await numbers(database) == [0, 1, 2, 0, 1, 2]
