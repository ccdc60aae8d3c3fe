"""A message that fails is held with those of its key, and the others go on."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from messagebus import ConfigurationError
from messagebus.adapters.sqlalchemy import AsyncSqlDatabase
from tests.consumer.parts import (
    Counted,
    Handler,
    Uow,
    consumer_of,
    counted,
    effects,
    inbox_of,
    inbox_table,
    note,
    numbers,
    publish,
    rows_of,
    stream_of,
    stream_table,
)


class TransientError(Exception):
    """Another transaction was faster."""


def failing(*bad: int, error: type[Exception] = ValueError, times: int = 10**9) -> Handler:
    """A handler that writes its effect, and then fails for these numbers, so many times."""
    failures = dict.fromkeys(bad, times)

    async def handle(event: Counted, transaction: Uow) -> None:
        await note(event, transaction)
        if failures.get(event.n, 0) > 0:
            failures[event.n] -= 1
            raise error(f"not {event.n}")

    return handle


async def test_a_failing_message_parks_its_key_and_the_others_go_on(
    database: AsyncSqlDatabase,
) -> None:
    await publish(database, *[counted(n, key=f"k{n % 3}") for n in range(9)])
    consumer = consumer_of(database, failing(4))
    await consumer.run_once()
    assert await effects(database) == [(f"k{n % 3}", n) for n in (0, 1, 2, 3, 5, 6, 8)]
    (letter,) = await inbox_of(database).dead_letters()
    assert letter.refusal == "ValueError: not 4"
    assert '"n": 4' in letter.message.envelope["payload"]
    assert await stream_of(database).lag("newsletter") == 0
    status = await inbox_of(database).status()
    assert (status.waiting, status.parked, status.dead, status.done) == (1, 1, 1, 7)
    assert (consumer.counts.applied, consumer.counts.dead) == (7, 1)


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_message_that_fails_for_a_while_is_applied_before_those_of_its_key(
    database: AsyncSqlDatabase, trusted: bool
) -> None:
    await publish(database, *[counted(n) for n in range(5)])
    consumer = consumer_of(database, failing(1, times=2), trusted=trusted)
    await consumer.run_once()
    assert await numbers(database) == [0, 1, 2, 3, 4]
    assert await inbox_of(database).dead_letters() == []


async def test_a_replayed_dead_letter_is_applied_before_those_that_it_parked(
    database: AsyncSqlDatabase,
) -> None:
    await publish(database, *[counted(n) for n in range(4)])
    await consumer_of(database, failing(1)).run_once()
    assert await numbers(database) == [0]
    assert await inbox_of(database).replay_dead_letters() == 1
    await publish(database, counted(4))
    await consumer_of(database).run_once()
    assert await numbers(database) == [0, 1, 2, 3, 4]


async def test_a_purged_dead_letter_is_never_applied_and_those_that_it_parked_are(
    database: AsyncSqlDatabase,
) -> None:
    await publish(database, *[counted(n) for n in range(4)])
    await consumer_of(database, failing(1)).run_once()
    assert await inbox_of(database).purge_dead_letters() == 1
    await stream_of(database).begin_anew("newsletter")
    await consumer_of(database).run_once()
    assert await numbers(database) == [0, 2, 3]


async def test_an_attempt_is_counted_before_it_is_made(database: AsyncSqlDatabase) -> None:
    seen: list[int] = []

    async def look(event: Counted, transaction: Uow) -> None:
        (row,) = await rows_of(database, inbox_table.table)
        seen.append(row.attempts)
        raise ValueError

    await publish(database, counted(1))
    await consumer_of(database, look, trusted=False).run_once()
    assert seen == [1, 2, 3]


async def test_delays_grow_and_no_attempt_comes_early(database: AsyncSqlDatabase) -> None:
    await publish(database, counted(1))
    consumer = consumer_of(database, failing(1), first_delay=1000.0, max_delay=3000.0)
    await consumer.run_once()
    await consumer.run_once()
    (row,) = await rows_of(database, inbox_table.table)
    due = row.due_at
    assert (row.attempts, consumer.counts.attempts) == (1, 0)
    delays = []
    for _ in range(3):
        await database.run(lambda each: each.execute(sa.update(inbox_table.table).values(due_at=0)))
        await consumer_of(
            database, failing(1), first_delay=1000.0, max_delay=3000.0, max_attempts=9
        ).run_once()
        (row,) = await rows_of(database, inbox_table.table)
        delays.append(round((row.due_at - due) / 1000))
    assert delays == [1, 2, 2]


async def test_an_error_of_another_transaction_is_no_attempt(database: AsyncSqlDatabase) -> None:
    await publish(database, counted(1), counted(2))
    handler = failing(1, error=TransientError, times=5)
    consumer = consumer_of(database, handler, retry_on=(TransientError,))
    await consumer.run_once()
    assert await numbers(database) == [1, 2]
    assert (consumer.counts.held, consumer.counts.attempts) == (0, 0)


async def test_an_error_that_no_attempt_mends_is_a_dead_letter_at_once(
    database: AsyncSqlDatabase,
) -> None:
    await publish(database, counted(1), counted(2, key="other"))
    consumer = consumer_of(database, failing(1, error=KeyError), reject_on=(KeyError,))
    await consumer.run_once()
    assert await numbers(database) == [2]
    assert (consumer.counts.dead, consumer.counts.attempts) == (1, 0)


@pytest.mark.parametrize("step", ["commit", "rollback"])
async def test_a_handler_that_ends_the_transaction_loses_and_doubles_nothing(
    database: AsyncSqlDatabase, step: str
) -> None:
    async def handle(event: Counted, transaction: Uow) -> None:
        await note(event, transaction)
        if event.n == 1:
            await getattr(transaction, step)()

    await publish(database, *[counted(n, key=f"k{n}") for n in range(4)])
    await consumer_of(database, handle).run_once()
    assert await numbers(database) == [0, 2, 3]
    (letter,) = await inbox_of(database).dead_letters()
    assert "TransactionError" in letter.refusal


async def test_a_statement_that_fails_unnoticed_is_found_at_its_own_message(
    database: AsyncSqlDatabase,
) -> None:
    async def handle(event: Counted, transaction: Uow) -> None:
        await note(event, transaction)
        if event.n == 1:
            try:
                await transaction.session.run(lambda each: each.execute(sa.text("no SQL")))
            except Exception:
                return

    await publish(database, *[counted(n, key=f"k{n}") for n in range(4)])
    await consumer_of(database, handle).run_once()
    found = {*await numbers(database)}
    # PostgreSQL ends a transaction at a failed statement, and SQLite goes on with it.
    assert found >= {0, 2, 3}
    assert len(found) + len(await inbox_of(database).dead_letters()) == 4


NEWER = {"type": "counted_v3"}


async def test_a_newer_version_is_a_dead_letter_that_waits_for_an_upgrade(
    database: AsyncSqlDatabase,
) -> None:
    await publish(database, counted(1, **NEWER), counted(2), counted(3, key="other"))
    await consumer_of(database).run_once()
    assert await numbers(database) == [3]
    (letter,) = await inbox_of(database).dead_letters()
    assert "later version" in letter.refusal
    await inbox_of(database).replay_dead_letters()
    await consumer_of(database).run_once()
    assert len(await inbox_of(database).dead_letters()) == 1


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_row_that_is_no_message_is_a_dead_letter_with_its_own_bytes(
    database: AsyncSqlDatabase, trusted: bool
) -> None:
    bad = {"id": "x", "created_at": "", "type": "", "payload": "{", "headers": "no JSON"}
    await database.run(lambda each: each.execute(stream_table.table.insert(), bad))
    await publish(database, counted(1))
    await consumer_of(database, trusted=trusted).run_once()
    assert await numbers(database) == [1]
    (row,) = [each for each in await rows_of(database, inbox_table.table) if each.refused_at]
    assert b"no JSON" in row.body
    (letter,) = await inbox_of(database).dead_letters()
    assert "no JSON" in letter.message.envelope["payload"]


async def test_done_messages_are_purged_after_the_retention_and_held_ones_stay(
    database: AsyncSqlDatabase,
) -> None:
    await publish(database, *[counted(n) for n in range(4)])
    await consumer_of(database, failing(2)).run_once()
    old = sa.update(inbox_table.table).values(received_at=sa.text("'2020-01-01 00:00:00'"))
    await database.run(lambda each: each.execute(old))
    await publish(database, counted(9, key="other"))
    await consumer_of(database, retention=timedelta(days=1)).run_once()
    status = await inbox_of(database).status()
    assert (status.waiting, status.dead, status.done) == (1, 1, 1)


async def test_a_retention_that_is_too_short_is_refused(database: AsyncSqlDatabase) -> None:
    with pytest.raises(ConfigurationError, match="the writer replays them for 3 days"):
        consumer_of(database, retention=timedelta(days=2), replay=timedelta(days=3))
    await publish(database, counted(1))
    old = sa.update(stream_table.table).values(published_at=sa.text("'2020-01-01 00:00:00'"))
    await database.run(lambda each: each.execute(old))
    with pytest.raises(ConfigurationError, match="the stream has one that is"):
        await consumer_of(database, retention=timedelta(days=2)).run()
