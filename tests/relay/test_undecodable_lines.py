"""A line that is no message is named by file and byte, and skipped on request only."""

import asyncio
import io
import json
from collections.abc import Mapping
from contextlib import aclosing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messagebus import ConfigurationError
from messagebus.adapters.jsonlines import AsyncJsonLinesOutput, AsyncJsonLinesStream
from messagebus.adapters.linefiles import LONGEST_LINE, decode_line, encode_line
from messagebus.contracts import UnreadableMessageError
from messagebus.relay import (
    AsyncRelay,
    LostPositionError,
    MessageRejectedError,
    OutboxMessage,
    StreamMessage,
)
from messagebus.testing import stream_messages
from tests.relay.deliveries import id_of
from tests.relay.fakes import Leader, Outbox, waiting
from tests.waiting import TIMEOUT

ENVELOPE = {"id": "1", "created_at": "x", "type": "t_v1", "payload": "{}"}


def line(envelope: object = ENVELOPE, headers: object = None) -> bytes:
    return json.dumps({"envelope": envelope, "headers": headers or {}}).encode()


BAD = {
    "torn": b'{"envelope": {"id": "x"',
    "empty": b"",
    "blank": b"   ",
    "a carriage return": b"\r",
    "no object": b"[]",
    "no envelope": b'{"headers": {}}',
    "no headers": b'{"envelope": {}}',
    "no id": line({**{k: v for k, v in ENVELOPE.items() if k != "id"}}),
    "a number for an id": line({**ENVELOPE, "id": 1}),
    "a payload that is no text": line({**ENVELOPE, "payload": {}}),
    "a header that is no text": line(ENVELOPE, {"position": 1}),
    "an envelope that is text": line("x"),
    "not UTF-8": b'{"envelope": "\xff"}',
    "NUL bytes": b"\0" * 4096,
    "two in one": line() + line(),
    "deep": b"[" * 100_000,
    "a large number": b"9" * 100_000,
    "a megabyte": b"x" * (1 << 20),
}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "stream.jsonl"


@pytest.fixture
def stream(path: Path) -> AsyncJsonLinesStream:
    return AsyncJsonLinesStream(path, poll=0.001)


def append(path: Path, content: bytes) -> int:
    """Append, and return the byte at which it begins."""
    with path.open("ab") as file:
        begin = file.tell()
        file.write(content)
    return begin


def rename(path: Path) -> None:
    path.rename(f"{path}.1")


def content(path: Path) -> bytes:
    return path.read_bytes()


async def read(
    stream: AsyncJsonLinesStream, count: int, *, consumer: str = "reader", acknowledge: bool = True
) -> list[str]:
    ids = []
    async with asyncio.timeout(TIMEOUT), aclosing(stream.consume(consumer)) as deliveries:
        for _ in range(count):
            delivery = await anext(deliveries)
            ids.append(id_of(delivery))
            if acknowledge:
                await delivery.ack()
    return ids


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
async def test_a_line_that_is_no_message_is_delivered_whole_until_it_is_skipped_on_request(
    stream: AsyncJsonLinesStream, path: Path, bad: bytes
) -> None:
    first, second = stream_messages(2)
    await stream.publish([first])
    place = append(path, bad + b"\n")
    await stream.publish([second])
    assert await read(stream, 1) == [first.envelope["id"]]
    for _ in range(2):
        with pytest.raises(UnreadableMessageError):
            await read(stream, 1)
    await stream.skip("reader", place)
    assert await read(stream, 1) == [second.envelope["id"]]


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
async def test_the_bytes_of_such_a_line_are_delivered_and_acknowledged_like_a_message(
    stream: AsyncJsonLinesStream, path: Path, bad: bytes
) -> None:
    append(path, bad + b"\n")
    await stream.publish(stream_messages(1))
    async with asyncio.timeout(TIMEOUT), aclosing(stream.consume("reader")) as deliveries:
        delivery = await anext(deliveries)
        assert (delivery.body, delivery.headers) == (bad, {})
        await delivery.ack()
    assert await read(stream, 1) == ["book-0"]


async def test_the_first_line_of_all_is_skipped_too_and_by_one_consumer_alone(
    stream: AsyncJsonLinesStream, path: Path
) -> None:
    append(path, b"\n\n")
    await stream.publish(stream_messages(1))
    for consumer in ("reader", "other"):
        with pytest.raises(UnreadableMessageError):
            await read(stream, 1, consumer=consumer)
    await stream.skip("reader", 0)
    with pytest.raises(UnreadableMessageError):
        await read(stream, 1)
    await stream.skip("reader", 1)
    assert await read(stream, 1) == ["book-0"]
    with pytest.raises(UnreadableMessageError):
        await read(stream, 1, consumer="other")


async def test_a_decodable_line_is_not_skipped(stream: AsyncJsonLinesStream, path: Path) -> None:
    await stream.publish(stream_messages(2))
    place = append(path, b"\n")
    await read(stream, 1)
    with pytest.raises(ConfigurationError, match="stands at byte"):
        await stream.skip("reader", place)
    await read(stream, 1)
    for other in (0, place - 1, place + 1, 10**9):
        with pytest.raises(ConfigurationError, match=f"stands at byte {place}, not {other}"):
            await stream.skip("reader", other)
    with pytest.raises(ConfigurationError, match="there is no consumer 'raeder'"):
        await stream.skip("raeder", place)
    await stream.skip("reader", place)
    append(path, b'{"torn')
    with pytest.raises(ConfigurationError, match="no complete line"):
        await stream.skip("reader", place + 1)
    await stream.publish(stream_messages(1, key="late"))
    with pytest.raises(ConfigurationError, match="has a message at byte"):
        await stream.skip("reader", place + 1)
    assert await read(stream, 1) == ["late-0"]


async def test_a_line_of_another_file_is_not_skipped(
    stream: AsyncJsonLinesStream, path: Path
) -> None:
    await stream.publish(stream_messages(1))
    place = append(path, b"\n")
    await read(stream, 1)
    rename(path)
    await stream.publish(stream_messages(3, key="other"))
    with pytest.raises(LostPositionError, match="call begin_anew"):
        await stream.skip("reader", place)


async def test_a_line_that_is_too_long_for_memory_is_skipped(
    stream: AsyncJsonLinesStream, path: Path
) -> None:
    place = append(path, b" " * (LONGEST_LINE + 1) + b"\n")
    await stream.publish(stream_messages(1))
    with pytest.raises(UnreadableMessageError):
        await read(stream, 1)
    await stream.skip("reader", place)
    assert await read(stream, 1) == ["book-0"]


UNWRITABLE: Mapping[str, StreamMessage] = {
    "a lone surrogate": StreamMessage({**ENVELOPE, "payload": "\ud800"}, {}),
    "no payload": StreamMessage({"id": "1", "created_at": "x", "type": "t_v1"}, {}),
    "longer than a line may be": StreamMessage({**ENVELOPE, "payload": "x" * LONGEST_LINE}, {}),
}


@pytest.mark.parametrize("bad", UNWRITABLE.values(), ids=UNWRITABLE.keys())
async def test_a_message_that_could_not_be_read_again_is_refused_and_the_others_are_written(
    stream: AsyncJsonLinesStream, path: Path, bad: StreamMessage
) -> None:
    first, last = stream_messages(2)
    with pytest.raises(
        MessageRejectedError, match="a line of UTF-8 cannot store the message: it"
    ) as refused:
        await stream.publish([first, bad, last])
    assert refused.value.confirmed == 1
    assert await read(stream, 1) == ["book-0"]
    output = io.BytesIO()
    with pytest.raises(MessageRejectedError):
        await AsyncJsonLinesOutput(output).publish([first, bad, last])
    assert output.getvalue() == content(path)


async def test_a_relay_makes_an_unwritable_message_a_dead_letter_and_sends_the_others(
    stream: AsyncJsonLinesStream,
) -> None:
    bad = StreamMessage({**ENVELOPE, "payload": "\ud800"}, {"stream_key": "a"})
    outbox = Outbox(OutboxMessage(1, bad), waiting(2, "b"), waiting(3, "b"), waiting(4, "a"))
    assert await AsyncRelay(outbox, stream, Leader()).drain() == 2
    assert await read(stream, 2) == ["m2", "m3"]
    assert "its payload is no text in UTF-8" in outbox.refused[1]


TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@settings(max_examples=200)
@given(
    st.fixed_dictionaries(dict.fromkeys(ENVELOPE, TEXT)), st.dictionaries(TEXT, TEXT, max_size=3)
)
def test_a_written_message_is_one_line_and_is_read_back_equal(
    envelope: dict[str, str], headers: dict[str, str]
) -> None:
    message = StreamMessage(envelope, headers)
    written = encode_line(message)
    assert written.index(b"\n") == len(written) - 1
    assert decode_line(written) == message


@settings(max_examples=200)
@given(st.binary(max_size=60) | st.binary(max_size=20).map(lambda noise: line()[:-2] + noise))
def test_any_line_is_a_message_or_a_value_error(noise: bytes) -> None:
    try:
        decode_line(noise)
    except ValueError:
        return
