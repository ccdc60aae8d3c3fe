"""A consumer that runs for long: away, stopped, overtaken, and one process for each name."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from messagebus.adapters.jsonlines import AsyncJsonLinesStream
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlInbox,
    DatabaseUnavailableError,
    open_database,
)
from messagebus.consumer import Arrival, AsyncConsumer, OvertakenError, Taken
from messagebus.relay import (
    AsyncAbstractStream,
    Delivery,
    LedElsewhereError,
    LostMessagesError,
    StreamMessage,
    StreamUnavailableError,
)
from tests.consumer.parts import (
    NAME,
    Counted,
    Uow,
    consumer_of,
    counted,
    eventstore_table,
    inbox_of,
    inbox_table,
    metadata,
    note,
    numbers,
    publish,
    rows_of,
    stream_of,
)
from tests.waiting import TIMEOUT


class Faulty(AsyncAbstractStream):
    """A stream whose `consume` raises the errors of a script, each after some deliveries."""

    def __init__(self, inner: AsyncAbstractStream, *errors: Exception, after: int = 0) -> None:
        self._inner = inner
        self._errors = [*errors]
        self._after = after

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        return await self._inner.publish(batch)

    async def lag(self, consumer: str) -> int | None:
        return await self._inner.lag(consumer)

    async def consume(self, consumer: str) -> AsyncGenerator[Delivery, None]:
        delivered = 0
        async for each in self._inner.consume(consumer):
            if self._errors and delivered >= self._after:
                raise self._errors.pop(0)
            delivered += 1
            yield each


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(TIMEOUT):
        while True:
            if condition():
                return
            await asyncio.sleep(0.01)


async def run_until(consumer: AsyncConsumer[Uow], seen: Callable[[], bool]) -> None:
    """Run the consumer until the condition holds, and stop it."""
    task = asyncio.create_task(consumer.run())
    await until(seen)
    consumer.stop()
    await task


async def test_a_consumer_goes_on_by_itself_when_the_stream_comes_back(
    database: AsyncSqlDatabase,
) -> None:
    await publish(database, *[counted(n) for n in range(10)])
    away = [StreamUnavailableError("away") for _ in range(3)]
    consumer = consumer_of(database, stream=Faulty(stream_of(database), *away, after=2))
    await run_until(consumer, lambda: consumer.counts.applied == 10)
    assert await numbers(database) == [*range(10)]


async def test_lost_messages_are_counted_and_the_consumer_goes_on(
    database: AsyncSqlDatabase,
) -> None:
    await publish(database, *[counted(n) for n in range(3)])
    stream = Faulty(stream_of(database), LostMessagesError("trimmed"))
    consumer = consumer_of(database, stream=stream)
    await run_until(consumer, lambda: consumer.counts.applied == 3)
    assert consumer.counts.lost == 1
    await publish(database, counted(3))
    stream = Faulty(stream_of(database), LostMessagesError("trimmed"))
    consumer = consumer_of(database, stream=stream)
    assert (await consumer.run_once(), consumer.counts.lost) == (1, 1)


async def test_the_application_surrounds_the_handling_of_each_message(
    database: AsyncSqlDatabase,
) -> None:
    seen: list[str] = []

    @contextmanager
    def around(headers: Mapping[str, str]) -> Generator[None, None, None]:
        seen.append(f"before {headers['position']}")
        yield
        seen.append(f"behind {headers['position']}")

    await publish(database, counted(1), counted(2))
    await consumer_of(database, around=around).run_once()
    assert seen == ["before 1", "behind 1", "before 2", "behind 2"]


class AwayInbox(AsyncSqlInbox[Uow]):
    """Its database does not answer so many times."""

    away = 3

    async def take(self, transaction: Uow, arrivals: Sequence[Arrival]) -> Taken:
        if self.away:
            self.away -= 1
            raise DatabaseUnavailableError("away")
        return await super().take(transaction, arrivals)

    async def mark_applied(self, transaction: Uow, position: int) -> None:
        if self.away:
            self.away -= 1
            raise DatabaseUnavailableError("away")
        await super().mark_applied(transaction, position)


@pytest.mark.parametrize("trusted", [True, False])
async def test_a_database_that_does_not_answer_is_no_attempt(
    database: AsyncSqlDatabase, trusted: bool
) -> None:
    await publish(database, *[counted(n) for n in range(3)])
    inbox = AwayInbox(database, inbox_table, NAME)
    consumer = consumer_of(database, inbox=inbox, max_attempts=1, trusted=trusted)
    await run_until(consumer, lambda: consumer.counts.applied == 3)
    assert await numbers(database) == [0, 1, 2]


async def test_a_stopped_consumer_finishes_its_batch(database: AsyncSqlDatabase) -> None:
    started = asyncio.Event()

    async def slow(event: Counted, transaction: Uow) -> None:
        started.set()
        await asyncio.sleep(0.05)
        await note(event, transaction)

    await publish(database, *[counted(n) for n in range(3)])
    consumer = consumer_of(database, slow)
    task = asyncio.create_task(consumer.run())
    await started.wait()
    consumer.stop()
    await task
    assert await numbers(database) == [0, 1, 2]
    assert await stream_of(database).lag(NAME) == 0
    assert not consumer.ready


async def test_a_stopped_consumer_that_does_not_finish_is_cut_off_and_applies_once_later(
    database: AsyncSqlDatabase,
) -> None:
    started = asyncio.Event()

    async def endless(event: Counted, transaction: Uow) -> None:
        await note(event, transaction)
        started.set()
        await asyncio.sleep(TIMEOUT)

    await publish(database, counted(1))
    consumer = consumer_of(database, endless, grace=0.01)
    task = asyncio.create_task(consumer.run())
    await started.wait()
    consumer.stop()
    await task
    assert await numbers(database) == []
    await consumer_of(database).run_once()
    assert await numbers(database) == [1]


async def test_one_process_at_a_time_consumes_under_a_name(database: AsyncSqlDatabase) -> None:
    await publish(database, counted(1))
    first = consumer_of(database)
    task = asyncio.create_task(first.run())
    await until(lambda: first.ready)
    assert await inbox_of(database).leader() is not None
    with pytest.raises(LedElsewhereError, match="another process consumes as 'newsletter'"):
        await consumer_of(database).run_once()
    other = AsyncSqlInbox[Uow](database, inbox_table, "other")
    assert await consumer_of(database, inbox=other).run_once() == 1
    first.stop()
    await task
    assert await inbox_of(database).leader() is None


async def test_a_process_that_was_overtaken_commits_nothing_and_acknowledges_nothing(
    database: AsyncSqlDatabase,
) -> None:
    inbox, successor = inbox_of(database), inbox_of(database)
    await inbox.begin()
    arrival = Arrival("a", "k", b"{}", {})
    await inbox.hold([arrival])
    await successor.begin()
    unit_of_work = Uow(database, eventstore_table)

    async def work(transaction: Uow) -> None:
        await note(Counted(key="k", n=1), transaction)
        await inbox.take(transaction, [Arrival("b", "k", b"{}", {})])
        inbox.release(transaction)
        await transaction.commit()

    for change in (
        inbox.transact(unit_of_work, work, ()),
        inbox.hold([Arrival("c", "k", b"{}", {})]),
        inbox.count_attempt(1, 0.0),
        inbox.fail(1, "no"),
        inbox.reject(1, "no"),
        inbox.purge(timedelta(), 10),
    ):
        with pytest.raises(OvertakenError, match="another process consumes as 'newsletter' now"):
            await change
    assert await numbers(database) == []
    assert len(await rows_of(database, inbox_table.table)) == 1
    assert len(await successor.due(0.0, 10)) == 1


async def test_a_successor_waits_for_a_transaction_of_its_predecessor_on_a_server(
    server_url: str,
) -> None:
    """Otherwise that one could commit behind the successor's first look at the inbox."""
    opened = open_database(server_url)
    await opened.create(metadata)
    inbox, successor = inbox_of(opened), inbox_of(opened)
    await inbox.begin()
    async with Uow(opened, eventstore_table) as transaction:
        await inbox.take(transaction, [Arrival("a", "k", b"{}", {})])
        started = asyncio.create_task(successor.begin())
        await asyncio.wait([started], timeout=0.2)
        assert not started.done()
        inbox.release(transaction)
        await transaction.commit()
    await started
    await opened.close()


async def test_a_consumer_reads_a_file_of_lines_and_ends_when_nothing_waits(
    sqlite: AsyncSqlDatabase, tmp_path: Path
) -> None:
    stream = AsyncJsonLinesStream(tmp_path / "stream.jsonl", poll=0.001)
    await stream.publish([counted(n) for n in range(120)])
    await consumer_of(sqlite, stream=stream, trusted=False).run_once()
    assert await numbers(sqlite) == [*range(120)]
