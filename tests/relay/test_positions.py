"""A consumer's position is valid only if the file still has the lines in front of it."""

import asyncio
import json
import os
import shutil
from collections.abc import Callable, Sequence
from contextlib import aclosing
from pathlib import Path

import pytest

from messagebus import ConfigurationError
from messagebus.adapters.jsonlines import AsyncJsonLinesStream
from messagebus.relay import LostPositionError, StreamMessage, StreamUnavailableError
from tests.relay.deliveries import id_of
from tests.waiting import TIMEOUT


def numbered(*numbers: int) -> Sequence[StreamMessage]:
    """Messages whose lines are equally long."""
    return [
        StreamMessage(
            {"id": f"{number:04}", "created_at": "x", "type": "t_v1", "payload": "{}"},
            {"position": f"{number:04}", "stream_key": ""},
        )
        for number in numbers
    ]


class Reader:
    """A consumer that acknowledges what it reads, and stays open between two looks."""

    def __init__(self, stream: AsyncJsonLinesStream, consumer: str = "reader") -> None:
        self._deliveries = stream.consume(consumer)

    async def read(self, count: int) -> list[int]:
        found = []
        async with asyncio.timeout(TIMEOUT):
            for _ in range(count):
                delivery = await anext(self._deliveries)
                await delivery.ack()
                found.append(int(id_of(delivery)))
        return found

    async def close(self) -> None:
        await self._deliveries.aclose()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "stream.jsonl"


@pytest.fixture
def stream(path: Path) -> AsyncJsonLinesStream:
    return AsyncJsonLinesStream(path, poll=0.001)


async def read_once(
    stream: AsyncJsonLinesStream, count: int, consumer: str = "reader"
) -> list[int]:
    reader = Reader(stream, consumer)
    try:
        return await reader.read(count)
    finally:
        await reader.close()


def truncate(path: Path) -> None:
    os.truncate(path, 0)


def rename(path: Path) -> None:
    path.rename(f"{path}.1")


def rename_and_create(path: Path) -> None:
    path.rename(f"{path}.1")
    path.touch()


def move(path: Path, suffix: str) -> None:
    path.rename(f"{path}{suffix}")


def move_back(path: Path, suffix: str) -> None:
    Path(f"{path}{suffix}").rename(path)


def content(path: Path) -> bytes:
    return path.read_bytes()


def replace_by_a_copy(path: Path) -> None:
    shutil.copy(path, f"{path}.backup")
    path.unlink()
    Path(f"{path}.backup").rename(path)


def cut(path: Path, end: bytes) -> None:
    path.write_bytes(path.read_bytes().removesuffix(end))


def append(path: Path, end: bytes) -> int:
    """Append, and return the byte at which it begins."""
    with path.open("ab") as file:
        file.write(end)
        return file.tell() - len(end)


def delete(path: Path) -> None:
    path.unlink()


def restore_shorter(path: Path) -> None:
    line = path.read_bytes().splitlines(keepends=True)[0]
    path.unlink()
    path.write_bytes(line)


@pytest.mark.parametrize("how", [truncate, rename, rename_and_create, delete, restore_shorter])
@pytest.mark.parametrize("written", [0, 1, 5, 9], ids="{} written since".format)
async def test_a_consumer_that_was_away_gets_an_error_for_another_file(
    stream: AsyncJsonLinesStream, path: Path, how: Callable[[Path], None], written: int
) -> None:
    await stream.publish(numbered(*range(5)))
    assert await read_once(stream, 5) == [0, 1, 2, 3, 4]
    how(path)
    await stream.publish(numbered(*range(5, 5 + written)))
    for _ in range(2):
        with pytest.raises(LostPositionError, match=r"stream\.jsonl is not the file .* begin_anew"):
            await read_once(stream, 1)


@pytest.mark.parametrize("written", [1, 5, 9])
async def test_a_consumer_gets_an_error_when_its_open_file_is_truncated(
    stream: AsyncJsonLinesStream, path: Path, written: int
) -> None:
    await stream.publish(numbered(*range(5)))
    reader = Reader(stream)
    assert await reader.read(5) == [0, 1, 2, 3, 4]
    truncate(path)
    await stream.publish(numbered(*range(5, 5 + written)))
    with pytest.raises(LostPositionError, match="it was truncated"):
        await reader.read(1)


@pytest.mark.parametrize("how", [rename, rename_and_create, delete])
async def test_an_open_file_is_read_to_its_end_and_then_the_next_one(
    stream: AsyncJsonLinesStream, path: Path, how: Callable[[Path], None]
) -> None:
    await stream.publish(numbered(0, 1, 2, 3))
    reader = Reader(stream)
    assert await reader.read(2) == [0, 1]
    how(path)
    await stream.publish(numbered(4, 5))
    assert await reader.read(4) == [2, 3, 4, 5]
    await reader.close()
    await stream.publish(numbered(6))
    assert await read_once(stream, 1) == [6]


async def test_a_file_between_two_that_a_slow_consumer_reads_is_not_passed_over(
    stream: AsyncJsonLinesStream, path: Path
) -> None:
    await stream.publish(numbered(0, 1))
    reader = Reader(stream)
    assert await reader.read(1) == [0]
    move(path, ".2")
    await stream.publish(numbered(2))
    move(path, ".1")
    await stream.publish(numbered(3))
    assert await reader.read(1) == [1]
    with pytest.raises(LostPositionError, match="in between was not read"):
        await reader.read(1)


async def test_a_consumer_that_acknowledged_nothing_gets_an_error_after_a_rename(
    stream: AsyncJsonLinesStream, path: Path
) -> None:
    await stream.publish(numbered(0, 1))
    async with aclosing(stream.consume("reader")) as deliveries:
        await anext(deliveries)
    rename(path)
    await stream.publish(numbered(2))
    with pytest.raises(LostPositionError):
        await read_once(stream, 1)


async def test_a_copy_that_reaches_as_far_is_the_same_file(
    stream: AsyncJsonLinesStream, path: Path
) -> None:
    await stream.publish(numbered(0, 1, 2))
    assert await read_once(stream, 2) == [0, 1]
    replace_by_a_copy(path)
    assert await read_once(stream, 1) == [2]


async def test_a_position_of_an_earlier_release_is_read_on_from(
    stream: AsyncJsonLinesStream, path: Path
) -> None:
    await stream.publish(numbered(0, 1, 2))
    beside = path.with_name("stream.jsonl.reader.position")
    beside.write_text(str(len(content(path)) // 3))
    assert await read_once(stream, 2) == [1, 2]
    beside.write_text("17")
    with pytest.raises(LostPositionError):
        await read_once(stream, 1)


@pytest.mark.parametrize("content", [b"", b'{"byte": 12', b"\xff", b"-1", b"12 34", b"9" * 5000])
async def test_a_torn_position_is_named_and_begun_anew_on_request(
    stream: AsyncJsonLinesStream, path: Path, content: bytes
) -> None:
    await stream.publish(numbered(0, 1))
    assert await read_once(stream, 2) == [0, 1]
    beside = path.with_name("stream.jsonl.reader.position")
    beside.write_bytes(content)
    with pytest.raises(LostPositionError, match=r"stream\.jsonl"):
        await read_once(stream, 1)
    await stream.begin_anew("reader")
    assert await read_once(stream, 2) == [0, 1]


async def test_begin_anew_rejects_an_unknown_consumer(stream: AsyncJsonLinesStream) -> None:
    await stream.publish(numbered(0))
    with pytest.raises(ConfigurationError, match="there is no consumer 'raeder'"):
        await stream.begin_anew("raeder")


async def test_two_consumers_go_over_a_renamed_file_each_by_itself(
    stream: AsyncJsonLinesStream, path: Path
) -> None:
    await stream.publish(numbered(0, 1))
    fast, slow = Reader(stream, "fast"), Reader(stream, "slow")
    assert await fast.read(2) == [0, 1]
    assert await slow.read(1) == [0]
    rename(path)
    await stream.publish(numbered(2))
    assert await fast.read(1) == [2]
    assert await slow.read(2) == [1, 2]


async def test_an_unacknowledged_message_holds_the_position_in_the_renamed_file(
    stream: AsyncJsonLinesStream, path: Path
) -> None:
    await stream.publish(numbered(0, 1))
    async with asyncio.timeout(TIMEOUT), aclosing(stream.consume("reader")) as deliveries:
        await (await anext(deliveries)).ack()
        waits = await anext(deliveries)
        rename(path)
        await stream.publish(numbered(2))
        await (await anext(deliveries)).ack()
    with pytest.raises(LostPositionError):
        await read_once(stream, 1)
    move(path, ".new")
    move_back(path, ".1")
    (again,) = await read_once(stream, 1)
    assert again == int(id_of(waits)) == 1


async def test_acknowledgements_at_once_leave_the_newest_position(
    stream: AsyncJsonLinesStream,
) -> None:
    await stream.publish(numbered(*range(40)))
    async with aclosing(stream.consume("reader")) as deliveries:
        taken = [await anext(deliveries) for _ in range(40)]
        await asyncio.gather(*(each.ack() for each in taken))
    await stream.publish(numbered(40))
    assert await read_once(stream, 1) == [40]


@pytest.mark.parametrize("consumer", ["", "../elsewhere", "a/b", "a\0b", "a\nb", "."])
async def test_a_consumer_has_a_name_that_a_file_can_have(
    stream: AsyncJsonLinesStream, consumer: str
) -> None:
    with pytest.raises(ConfigurationError, match="cannot name a consumer"):
        await read_once(stream, 1, consumer)


async def test_a_position_that_the_disk_does_not_take_is_a_stream_unavailable_error(
    stream: AsyncJsonLinesStream, path: Path
) -> None:
    await stream.publish(numbered(0))
    async with aclosing(stream.consume("reader")) as deliveries:
        delivery = await anext(deliveries)
        path.with_name("stream.jsonl.reader.position").unlink()
        path.with_name("stream.jsonl.reader.position").mkdir()
        with pytest.raises(StreamUnavailableError, match=r"stream\.jsonl, or a consumer's"):
            await delivery.ack()
        path.with_name("stream.jsonl.reader.position").rmdir()
        await delivery.ack()
    await stream.publish(numbered(1))
    assert await read_once(stream, 1) == [1]


async def test_lines_after_a_rename_go_to_the_file_that_has_the_name(
    stream: AsyncJsonLinesStream, path: Path
) -> None:
    await stream.publish(numbered(0))
    rename_and_create(path)
    await stream.publish(numbered(1))
    assert [json.loads(line)["envelope"]["id"] for line in content(path).splitlines()] == ["0001"]


@pytest.mark.parametrize("how", [truncate, rename, rename_and_create, delete])
async def test_a_batch_whose_file_is_taken_away_meanwhile_is_not_confirmed(
    stream: AsyncJsonLinesStream,
    path: Path,
    how: Callable[[Path], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await stream.publish(numbered(0))
    sync = os.fsync

    def sync_and_lose(file: int) -> None:
        sync(file)
        if os.path.samestat(os.fstat(file), os.stat(path)):
            how(path)

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", sync_and_lose)
        with pytest.raises(StreamUnavailableError, match="took no lines"):
            await stream.publish(numbered(1))
    await stream.publish(numbered(1))
    assert json.loads(content(path).splitlines()[-1])["envelope"]["id"] == "0001"
    assert b"\0" not in content(path)


async def test_a_last_line_that_lacks_only_its_newline_is_kept(
    stream: AsyncJsonLinesStream, path: Path
) -> None:
    await stream.publish(numbered(0, 1))
    cut(path, b"\n")
    await stream.publish(numbered(2))
    assert await read_once(stream, 3) == [0, 1, 2]


async def test_a_torn_last_line_is_cut_off_with_a_warning_of_the_place(
    stream: AsyncJsonLinesStream, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    await stream.publish(numbered(0))
    place = append(path, b'{"envelope"')
    await stream.publish(numbered(1))
    assert await read_once(stream, 2) == [0, 1]
    assert f"{path}, byte {place}: the last line is torn; its 11 bytes are cut off" in caplog.text
