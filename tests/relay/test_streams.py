"""Each stream of this package passes `check_stream`, and keeps its own promises."""

import asyncio
import errno
import io
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from typing_extensions import Buffer

from messagebus import ConfigurationError
from messagebus.adapters.jsonlines import AsyncJsonLinesOutput, AsyncJsonLinesStream
from messagebus.adapters.sqlalchemy import AsyncSqlDatabase, AsyncSqlStream
from messagebus.relay import (
    AsyncAbstractStream,
    Delivery,
    MessageRejectedError,
    StreamMessage,
    StreamUnavailableError,
)
from messagebus.testing import check_stream, stream_messages
from reading_club.adapters.tables import stream as table
from tests.relay.deliveries import id_of, message_of
from tests.waiting import TIMEOUT


async def ids(stream: AsyncAbstractStream, count: int) -> list[str]:
    async with aclosing(stream.consume("reader")) as deliveries:
        return [id_of(await anext(deliveries)) for _ in range(count)]


async def test_a_file_of_lines_passes_the_stream_check(tmp_path: Path) -> None:
    path = tmp_path / "stream.jsonl"

    async def foreign() -> None:
        with path.open("ab") as file:
            file.write(b"\xff\0no message\n")

    await check_stream(AsyncJsonLinesStream(path, poll=0.001), foreign=foreign)


async def test_the_table_passes_the_stream_check(each_database: AsyncSqlDatabase) -> None:
    rubbish = {"id": "alien", "created_at": "", "type": "", "payload": "", "headers": "no JSON"}

    async def foreign() -> None:
        await each_database.run(lambda each: each.execute(table.table.insert(), rubbish))

    await check_stream(AsyncSqlStream(each_database, table, poll=0.001), foreign=foreign)


async def test_a_file_that_an_earlier_release_wrote_is_read_message_by_message(
    tmp_path: Path,
) -> None:
    shutil.copy(Path(__file__).parent / "stored" / "stream.jsonl", tmp_path)
    stream = AsyncJsonLinesStream(tmp_path / "stream.jsonl")
    written = [each for each in stream_messages() if len(each.envelope["payload"]) < 1000]
    found = [message_of(each) for each in await deliveries(stream, "stored", len(written))]
    assert found == written


async def deliveries(stream: AsyncAbstractStream, consumer: str, count: int) -> list[Delivery]:
    async with asyncio.timeout(TIMEOUT), aclosing(stream.consume(consumer)) as delivered:
        return [await anext(delivered) for _ in range(count)]


async def overtaken(stream: AsyncAbstractStream) -> list[str]:
    """The ids that come after one process of a name has acknowledged behind another one."""
    await stream.publish(stream_messages(5))
    zombie = stream.consume("reader")
    first, *_ = [await anext(zombie) for _ in range(3)]
    for each in await deliveries(stream, "reader", 4):
        await each.ack()
    await first.ack()
    await zombie.aclose()
    return [id_of(each) for each in await deliveries(stream, "reader", 1)]


async def test_the_acknowledgement_of_an_overtaken_process_moves_no_row(
    each_database: AsyncSqlDatabase,
) -> None:
    assert await overtaken(AsyncSqlStream(each_database, table, poll=0.001)) == ["book-4"]


async def test_the_acknowledgement_of_an_overtaken_process_moves_no_file(tmp_path: Path) -> None:
    assert await overtaken(AsyncJsonLinesStream(tmp_path / "s.jsonl", poll=0.001)) == ["book-4"]


async def test_the_table_says_how_far_behind_a_consumer_is_and_how_old_its_first_message(
    each_database: AsyncSqlDatabase,
) -> None:
    stream = AsyncSqlStream(each_database, table, poll=0.001)
    assert (await stream.lag("reader"), await stream.oldest_age()) == (0, None)
    stream = await published(each_database, timedelta(days=3), 4, "book")
    for each in await deliveries(stream, "reader", 3):
        await each.ack()
    assert (await stream.lag("reader"), await stream.lag("new")) == (1, 4)
    age = await stream.oldest_age()
    assert age is not None
    assert timedelta(days=2.9) < age < timedelta(days=3.1)


async def test_a_registered_consumer_keeps_the_messages_of_the_table_until_it_acknowledges(
    each_database: AsyncSqlDatabase,
) -> None:
    stream = AsyncSqlStream(each_database, table, poll=0.001)
    await stream.register("reader")
    await published(each_database, timedelta(days=3), 4, "book")
    assert await stream.purge(timedelta(days=1)) == 0
    for each in await deliveries(stream, "reader", 3):
        await each.ack()
    await stream.register("reader")
    assert await stream.purge(timedelta(days=1)) == 3


async def test_the_table_keeps_a_message_once(each_database: AsyncSqlDatabase) -> None:
    stream = AsyncSqlStream(each_database, table)
    await stream.publish(stream_messages(2))
    assert await stream.publish(stream_messages(3)) == 3
    count = sa.select(sa.func.count()).select_from(table.table)
    assert await each_database.run(lambda connection: connection.scalar(count)) == 3


async def published(
    database: AsyncSqlDatabase, ago: timedelta, count: int, key: str
) -> AsyncSqlStream:
    """The stream, with messages of a key that were published so long ago."""
    stream = AsyncSqlStream(database, table)
    await stream.publish(stream_messages(count, key=key))
    earlier = (
        sa.update(table.table)
        .where(table.table.c.id.startswith(key))
        .values(published_at=datetime.now(UTC) - ago)
    )
    await database.run(lambda connection: connection.execute(earlier))
    return stream


async def kept(stream: AsyncSqlStream) -> list[str]:
    return [message.envelope["id"] for _, message in await stream.behind(0)]


async def acknowledge(stream: AsyncSqlStream, consumer: str, count: int) -> None:
    async with aclosing(stream.consume(consumer)) as deliveries:
        for _ in range(count):
            await (await anext(deliveries)).ack()


async def test_old_messages_of_the_table_are_purged_in_bounded_parts(
    each_database: AsyncSqlDatabase,
) -> None:
    stream = await published(each_database, timedelta(days=8), 3, "old")
    await published(each_database, timedelta(days=6), 2, "young")
    assert await stream.purge(timedelta(days=9)) == 0
    assert await stream.purge(timedelta(days=7), limit=2) == 2
    assert await kept(stream) == ["old-2", "young-0", "young-1"]
    assert await stream.purge(timedelta(days=7)) == 1
    assert await stream.purge(timedelta(days=7)) == 0
    assert await kept(stream) == ["young-0", "young-1"]


async def test_a_message_that_waited_long_for_the_relay_is_not_purged_at_once(
    each_database: AsyncSqlDatabase,
) -> None:
    stream = AsyncSqlStream(each_database, table)
    waited = [
        StreamMessage({**each.envelope, "created_at": "2020-01-01T00:00:00+00:00"}, each.headers)
        for each in stream_messages(1, key="waited")
    ]
    await stream.publish(waited)
    assert await stream.purge(timedelta(days=7)) == 0
    assert await kept(stream) == ["waited-0"]


async def test_a_message_that_a_consumer_has_not_acknowledged_is_not_purged(
    each_database: AsyncSqlDatabase,
) -> None:
    stream = await published(each_database, timedelta(days=8), 4, "old")
    await acknowledge(stream, "fast", 4)
    await acknowledge(stream, "slow", 1)
    assert await stream.purge(timedelta(days=7)) == 1
    assert await kept(stream) == ["old-1", "old-2", "old-3"]
    await acknowledge(stream, "slow", 2)
    assert await stream.purge(timedelta(days=7)) == 2
    assert await ids(stream, 1) == ["old-3"]


async def test_a_message_behind_purged_ones_is_delivered(
    each_database: AsyncSqlDatabase,
) -> None:
    stream = await published(each_database, timedelta(days=8), 2, "old")
    await acknowledge(stream, "reader", 2)
    assert await stream.purge(timedelta(days=7)) == 2
    await stream.publish(stream_messages(1, key="new"))
    async with asyncio.timeout(TIMEOUT):
        assert await ids(stream, 1) == ["new-0"]


async def test_a_retention_from_before_all_calendars_purges_nothing(
    each_database: AsyncSqlDatabase,
) -> None:
    stream = await published(each_database, timedelta(days=8), 1, "old")
    assert await stream.purge(timedelta.max) == 0


async def test_lines_are_not_purged(tmp_path: Path) -> None:
    stream = AsyncJsonLinesStream(tmp_path / "stream.jsonl")
    await stream.publish(stream_messages(2))
    assert await stream.purge(timedelta(0), 1000) == 0
    assert await ids(stream, 2) == [each.envelope["id"] for each in stream_messages(2)]


async def test_a_torn_line_is_not_read_and_the_next_one_not_merged_with_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "stream.jsonl"
    first, second, third = stream_messages(3)
    await AsyncJsonLinesStream(path).publish([first])
    with path.open("ab") as file:
        file.write(b'{"envelope": {"id": "torn", "payload": "' + b"x" * 10_000)

    stream = AsyncJsonLinesStream(path)
    assert await ids(stream, 1) == [first.envelope["id"]]
    await stream.publish([second, third])
    lines = [json.loads(line) for line in path.read_bytes().split(b"\n")[:-1]]
    assert [line["envelope"] for line in lines] == [
        message.envelope for message in (first, second, third)
    ]


async def test_a_file_of_nothing_but_a_torn_line_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "stream.jsonl"
    path.write_bytes(b'{"envelope"')
    stream = AsyncJsonLinesStream(path)
    await stream.publish(stream_messages(1))
    assert len(path.read_bytes().split(b"\n")) == 2


async def test_a_file_that_cannot_be_written_is_unavailable(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    stream = AsyncJsonLinesStream(tmp_path / "folder")
    with pytest.raises(StreamUnavailableError, match="folder took no lines"):
        await stream.publish(stream_messages(1))


async def test_a_consumer_s_name_has_no_slash(tmp_path: Path) -> None:
    stream = AsyncJsonLinesStream(tmp_path / "stream.jsonl")
    with pytest.raises(ConfigurationError, match="Leave out slashes"):
        await anext(stream.consume("../elsewhere"))


@pytest.mark.parametrize("name", ["n\0", "n\ud800", "n" * 250, ""])
async def test_a_name_that_no_file_can_have_is_refused(tmp_path: Path, name: str) -> None:
    stream = AsyncJsonLinesStream(tmp_path / "stream.jsonl")
    with pytest.raises(ConfigurationError, match="cannot name a consumer"):
        await asyncio.wait_for(anext(stream.consume(name)), 10)


@pytest.mark.parametrize("name", ["n\0", "n\ud800", "n" * 256])
async def test_a_name_that_one_database_cannot_keep_is_refused_alike(
    each_database: AsyncSqlDatabase, name: str
) -> None:
    deliveries = AsyncSqlStream(each_database, table).consume(name)
    with pytest.raises(ConfigurationError, match="cannot name a consumer"):
        await asyncio.wait_for(anext(deliveries), 10)


ENVELOPES = {
    "a NUL": {"payload": "{\0}"},
    "a lone surrogate": {"payload": '"\ud800"'},
    "a long id": {"id": "i" * 37},
    "a long type": {"type": "t" * 256},
}


@pytest.mark.parametrize("part", ENVELOPES.values(), ids=ENVELOPES)
async def test_the_table_refuses_a_message_that_it_can_never_keep_and_takes_those_before_it(
    each_database: AsyncSqlDatabase, part: Mapping[str, str]
) -> None:
    first, second, third = stream_messages(3)
    never = StreamMessage({**second.envelope, **part}, second.headers)
    stream = AsyncSqlStream(each_database, table)
    with pytest.raises(MessageRejectedError, match=f"its {next(iter(part))} ") as refused:
        await stream.publish([first, never, third])
    assert refused.value.confirmed == 1
    assert await kept(stream) == [first.envelope["id"]]


async def test_lines_refuse_a_message_that_utf_8_cannot_encode_and_take_those_before_it(
    tmp_path: Path,
) -> None:
    first, second = stream_messages(2)
    never = StreamMessage(second.envelope, {"stream_key": "\udc80"})
    output = io.BytesIO()
    for stream in AsyncJsonLinesStream(tmp_path / "stream.jsonl"), AsyncJsonLinesOutput(output):
        with pytest.raises(MessageRejectedError, match="UTF-8 cannot store") as refused:
            await stream.publish([first, never, second])
        assert refused.value.confirmed == 1
    assert (tmp_path / "stream.jsonl").read_bytes() == output.getvalue()
    assert output.getvalue().count(b"\n") == 1


async def test_an_output_has_a_line_for_each_message_and_no_reader() -> None:
    output = io.BytesIO()
    stream = AsyncJsonLinesOutput(output)
    assert await stream.publish(stream_messages(3)) == 3
    lines = [json.loads(line) for line in output.getvalue().splitlines()]
    assert [line["headers"]["position"] for line in lines] == ["1", "2", "3"]
    with pytest.raises(ConfigurationError, match="Use a file of lines"):
        stream.consume("reader")


class Narrow(io.BytesIO):
    """Takes a few bytes at a time, and none for a moment where it is full."""

    def __init__(self, full_at: int) -> None:
        super().__init__()
        self._full_at = full_at

    def write(self, data: Buffer, /) -> int:
        room = self._full_at - len(self.getvalue())
        if room == 0:
            self._full_at = sys.maxsize
            raise OSError(errno.ENOSPC, "there is no room")
        return super().write(memoryview(data)[: min(room, 50)])


@pytest.mark.parametrize("full_at", [1, 100, 400])
async def test_an_output_that_was_full_has_whole_lines_and_each_message(full_at: int) -> None:
    output = Narrow(full_at)
    stream = AsyncJsonLinesOutput(output)
    with pytest.raises(StreamUnavailableError, match="there is no room"):
        await stream.publish(stream_messages(3))
    assert await stream.publish(stream_messages(3)) == 3
    lines = [json.loads(line)["headers"]["position"] for line in output.getvalue().splitlines()]
    assert lines[-3:] == ["1", "2", "3"]


async def test_an_output_that_takes_nothing_now_is_unavailable() -> None:
    class Busy(io.BytesIO):
        def write(self, data: Buffer, /) -> int:
            return 0

    with pytest.raises(StreamUnavailableError, match="it takes nothing now"):
        await AsyncJsonLinesOutput(Busy()).publish(stream_messages(1))


NOBODY_READS = """
import asyncio
import os

from messagebus.adapters.jsonlines import AsyncJsonLinesOutput
from messagebus.relay import AsyncRelay
from tests.relay.fakes import Leader, Outbox, waiting


async def main():
    _, end = os.pipe()
    outbox = Outbox(*map(waiting, range(1, 3000)))
    stream = AsyncJsonLinesOutput(os.fdopen(end, "wb"))
    async with AsyncRelay(outbox, stream, Leader(), batch=3000, grace=0.05):
        await asyncio.sleep(0.2)


asyncio.run(main())
"""


def test_a_process_ends_although_its_output_has_no_reader() -> None:
    root = Path(__file__).parents[2]
    ended = subprocess.run(
        [sys.executable, "-c", NOBODY_READS],
        cwd=root,
        capture_output=True,
        timeout=TIMEOUT,
        check=True,
    )
    assert b"stopped within a batch" in ended.stderr


async def test_a_mistyped_folder_is_named_and_not_made(tmp_path: Path) -> None:
    stream = AsyncJsonLinesStream(tmp_path / "strems" / "stream.jsonl")
    with pytest.raises(StreamUnavailableError, match=r"there is no folder .*strems"):
        await stream.publish(stream_messages(1))
    assert not (tmp_path / "strems").exists()


class Deaf(AsyncJsonLinesStream):
    """Delivers, and ignores acknowledgements."""

    async def consume(self, consumer: str) -> AsyncGenerator[Delivery, None]:
        async def ignore() -> None:
            return

        async for delivery in super().consume(consumer):
            yield Delivery(delivery.body, delivery.headers, ignore)


class Forgetful(AsyncJsonLinesStream):
    """Stores the oldest of several acknowledgements last."""

    async def consume(self, consumer: str) -> AsyncGenerator[Delivery, None]:
        acks: list[Delivery] = []

        async for delivery in super().consume(consumer):

            async def ack(delivery: Delivery = delivery) -> None:
                acks.append(delivery)
                await asyncio.sleep(0)
                if acks[0] is delivery:
                    await delivery.ack()

            kept = ack if consumer == "gathered" else delivery.ack
            yield Delivery(delivery.body, delivery.headers, kept)


class Boastful(AsyncJsonLinesStream):
    """Confirms more than it takes."""

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        await super().publish(batch[:1])
        return len(batch)


class Tidy(AsyncJsonLinesStream):
    """Rewrites payloads."""

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        tidy = [{**each.envelope, "payload": each.envelope["payload"].strip("}")} for each in batch]
        return await super().publish([StreamMessage(envelope, {}) for envelope in tidy])


@pytest.mark.parametrize(
    ("stream", "complaint"),
    [
        (Deaf, "deliver from the oldest that it did not"),
        (Forgetful, "is behind what was acknowledged at once"),
        (Boastful, "delivered 2 of 5 messages within"),
        (Tidy, "travel in order and unchanged"),
    ],
)
async def test_the_check_finds_a_stream_that_breaks_a_rule(
    stream: type[AsyncJsonLinesStream], complaint: str, tmp_path: Path
) -> None:
    with pytest.raises(AssertionError, match=complaint):
        await check_stream(stream(tmp_path / "stream.jsonl", poll=0.001), message_timeout=0.5)
