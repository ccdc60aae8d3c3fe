"""One task reads the stream, and all clients of the feed hear it."""

import asyncio
from collections.abc import AsyncGenerator, Sequence

import httpx2
import pytest

from messagebus.adapters.fastapi import EventId, Feed, FeedSource, feed_router
from messagebus.relay import StreamMessage, UndecodableMessageError
from tests.fastapi.conftest import PROBLEMS, application, client_of, problem
from tests.waiting import TIMEOUT


class Source(FeedSource):
    """A stream in a list, which notes where it is read; `None` is a row that is no message."""

    def __init__(self, *names: str | None) -> None:
        self.names = [*names]
        self.errors: list[Exception] = []
        self.read_at: list[int] = []

    async def head(self) -> int:
        return len(self.names)

    async def id_at(self, position: int) -> str | None:
        return f"id-{position}" if 0 < position <= len(self.names) else None

    async def behind(self, position: int) -> Sequence[tuple[int, StreamMessage]]:
        self.read_at.append(position)
        if self.errors:
            raise self.errors.pop()
        found: list[tuple[int, StreamMessage]] = []
        for place, name in enumerate(self.names[position:], position + 1):
            if name is None and not found:
                raise UndecodableMessageError("no message", "stream", place)
            if name is None:
                break
            envelope = {"id": f"id-{place}", "type": name, "payload": "{}"}
            found.append((place, StreamMessage(envelope, {})))
        return found


@pytest.fixture
def source() -> Source:
    return Source("a", "b", "c")


@pytest.fixture
async def feed(source: Source) -> AsyncGenerator[Feed, None]:
    async with Feed(source, poll=0.001, retry=0.001) as feed:
        yield feed


async def types(feed: Feed, number: int, after: int = 0) -> list[str]:
    """The types of the next events behind a position."""
    found: list[str] = []
    async with asyncio.timeout(TIMEOUT):
        async for batch in feed.follow(after):
            lines = batch.decode().splitlines()
            found += [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]
            if len(found) >= number:
                return found
    return found


async def test_a_client_hears_what_was_and_what_comes(feed: Feed, source: Source) -> None:
    hearing = asyncio.create_task(types(feed, 4, after=1))
    await asyncio.sleep(0)
    source.names += ["d", "e"]
    assert (await hearing)[:4] == ["b", "c", "d", "e"]


async def test_clients_read_news_from_memory(feed: Feed, source: Source) -> None:
    source.names.append("d")
    assert await types(feed, 1, after=3) == ["d"]
    reads = source.read_at.count(3)
    hearing = [asyncio.create_task(types(feed, 1, after=3)) for _ in range(50)]
    assert await asyncio.gather(*hearing) == [["d"]] * 50
    assert source.read_at.count(3) == reads


async def test_events_that_left_memory_are_read_from_the_stream(source: Source) -> None:
    async with Feed(source, poll=0.001, kept=2) as feed:
        source.names += ["d", "e", "f", "g"]
        await types(feed, 4, after=3)
        assert await types(feed, 7) == [*"abcdefg"]


async def test_a_row_that_is_no_message_is_passed_over(
    feed: Feed, source: Source, caplog: pytest.LogCaptureFixture
) -> None:
    source.names += [None, "e"]
    assert await types(feed, 1, after=3) == ["e"]
    assert "passes over a row of the stream: no message" in caplog.text


async def test_a_stream_that_fails_is_read_again(
    feed: Feed, source: Source, caplog: pytest.LogCaptureFixture
) -> None:
    source.errors.append(OSError("away"))
    source.names.append("d")
    assert await types(feed, 1, after=3) == ["d"]
    assert "cannot read the stream: away" in caplog.text


async def test_silence_is_broken_by_a_comment(source: Source) -> None:
    async with Feed(source, keep_alive=0.001) as feed, asyncio.timeout(TIMEOUT):
        assert await anext(feed.follow(3)) == b": still here\n\n"


async def test_a_closed_feed_ends_its_responses(feed: Feed) -> None:
    hearing = asyncio.create_task(types(feed, 1, after=3))
    await asyncio.sleep(0)
    feed.close()
    assert await hearing == []


async def get(feed: Feed, last_event_id: str) -> httpx2.Response:
    """The response to a client that has read up to an event; the feed ends at once."""
    app = application()
    app.include_router(feed_router(feed, PROBLEMS))
    feed.close()
    async with client_of(app) as client:
        return await client.get("/events", headers={"Last-Event-ID": last_event_id})


async def test_the_endpoint_sends_server_sent_events(feed: Feed) -> None:
    response = await get(feed, "2-id-2")
    assert response.status_code == 200
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["x-accel-buffering"] == "no"


async def test_an_event_is_sent_with_type_data_and_id(source: Source) -> None:
    async with Feed(source) as feed:
        batch = await anext(feed.follow(2))
    data = '{"id": "id-3", "type": "c", "payload": "{}"}'
    assert batch.decode() == f"event: c\ndata: {data}\nid: 3-id-3\n\n"


@pytest.mark.parametrize("last", ["4", "2-other", "9223372036854775807"])
async def test_an_event_that_the_stream_does_not_have_is_refused(feed: Feed, last: str) -> None:
    found = problem(await get(feed, last))
    assert (found["status"], found["type"]) == (409, "unknown-event")


@pytest.mark.parametrize("last", ["", "-1", "x", "9223372036854775808", "1-", "1 -x"])
async def test_a_last_event_id_that_no_feed_has_sent_is_rejected(feed: Feed, last: str) -> None:
    assert problem(await get(feed, last))["type"] == "wrong-request"


def test_an_id_of_an_event_is_read_as_it_was_written() -> None:
    assert EventId.parse(str(EventId(7, "a-b"))) == EventId(7, "a-b")
    assert EventId.parse("7") == EventId(7)
