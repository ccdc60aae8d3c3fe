"""The published events for any number of clients: one task reads the stream for all of them.

Each client on its own would query the database as often as all others together do here, and the
writers would feel it. A client holds no transaction while it waits.
"""

import asyncio
import json
import logging
import re
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from itertools import takewhile
from types import TracebackType
from typing import NamedTuple, Protocol, Self

from messagebus.relay.stream import StreamMessage, UndecodableMessageError

_log = logging.getLogger(__name__)
_MAX_POSITION = 2**63 - 1
_ID = re.compile(r"([0-9]+)(?:-(.+))?", re.DOTALL)
_KEEP_ALIVE = b": still here\n\n"


class FeedSource(Protocol):
    """A stream that is read by position, as `AsyncSqlStream` is."""

    async def head(self) -> int:
        """The position of the last message; 0 if there is none."""
        ...

    async def id_at(self, position: int) -> str | None:
        """The id of the message at a position; `None` if none is there, or no longer."""
        ...

    async def behind(self, position: int) -> Sequence[tuple[int, StreamMessage]]:
        """The next messages behind a position, each with its own."""
        ...


class EventId(NamedTuple):
    """An event's position in the stream, and the id of its message, which no other stream has.

    Position 0 is before the first event. A position alone is the id of earlier releases.
    """

    position: int
    message_id: str | None = None

    def __str__(self) -> str:
        return f"{self.position}-{self.message_id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what the feed has written; raise `ValueError` for anything else."""
        parts = _ID.fullmatch(text)
        if parts is None or len(parts[1]) > 19 or int(parts[1]) > _MAX_POSITION:
            raise ValueError("this is no id of an event: send one that the feed has sent")
        return cls(int(parts[1]), parts[2])


BEGINNING = EventId(0)


class _Event(NamedTuple):
    position: int
    text: bytes


class Feed:
    """Follows a stream while it is open, and keeps its last messages in memory.

        async with Feed(stream) as feed:
            app.include_router(feed_router(feed, PROBLEMS))

    `poll` seconds are between two looks at a stream without news, `retry` after a failed one. A
    client hears a comment after `keep_alive` seconds of silence, so that no proxy hangs up. The
    last `kept` messages stay in memory.
    """

    def __init__(
        self,
        source: FeedSource,
        *,
        poll: float = 0.1,
        retry: float = 1.0,
        keep_alive: float = 15.0,
        kept: int = 1000,
    ) -> None:
        self._source = source
        self._poll, self._retry, self._keep_alive = poll, retry, keep_alive
        self._tail: deque[_Event] = deque(maxlen=kept)
        self._before_tail = self._reached = 0
        self._news = asyncio.Event()
        self._closed = False
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._before_tail = self._reached = await self._source.head()
        self._task = asyncio.create_task(self._read(), name="feed")
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
        if self._task is not None:
            await self._task

    def close(self) -> None:
        """End the responses to all clients. A server calls it before it waits for its requests."""
        self._closed = True
        self._notify()

    async def knows(self, event: EventId) -> bool:
        """Whether the stream has this event, so that a client can go on behind it.

        It has not if the id is of another stream, of this one before it was restored from a
        backup, or of an event that has been deleted since.
        """
        if event == BEGINNING:
            return True
        found = await self._source.id_at(event.position)
        return found is not None and event.message_id in (None, found)

    async def follow(self, after: int) -> AsyncGenerator[bytes, None]:
        """The events behind a position and those to come, as server-sent events, in batches."""
        while not self._closed:
            news = self._news
            if after < self._before_tail:
                found = [_encoded(*each) for each in await self._behind(after)]
            else:
                found = self._newer_than(after)
            if found:
                after = found[-1].position
                yield b"".join(each.text for each in found)
            elif not await _wait_for(news, self._keep_alive):
                yield _KEEP_ALIVE

    def _newer_than(self, position: int) -> list[_Event]:
        newer = takewhile(lambda each: each.position > position, reversed(self._tail))
        return [*newer][::-1]

    async def _read(self) -> None:
        while not self._closed:
            try:
                found = await self._behind(self._reached)
            except Exception as error:
                _log.warning("the feed cannot read the stream: %s", error)
                await _wait_for(self._news, self._retry)
                continue
            for position, message in found:
                if len(self._tail) == self._tail.maxlen:
                    self._before_tail = self._tail[0].position
                self._tail.append(_encoded(position, message))
                self._reached = position
            if found:
                self._notify()
            else:
                await _wait_for(self._news, self._poll)

    async def _behind(self, position: int) -> Sequence[tuple[int, StreamMessage]]:
        """The next messages. A row that is no message is logged, and no client waits for it."""
        while True:
            try:
                return await self._source.behind(position)
            except UndecodableMessageError as error:
                _log.error("the feed passes over a row of the stream: %s", error)
                position = error.position

    def _notify(self) -> None:
        self._news.set()
        self._news = asyncio.Event()


def _encoded(position: int, message: StreamMessage) -> _Event:
    """A server-sent event, made once for all clients."""
    data = json.dumps(dict(message.envelope), ensure_ascii=False)
    id_ = EventId(position, message.envelope["id"])
    text = f"event: {message.envelope['type']}\ndata: {data}\nid: {id_}\n\n"
    return _Event(position, text.encode())


async def _wait_for(news: asyncio.Event, seconds: float) -> bool:
    """Wait for news; say whether there was any in time."""
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        return False
    return True
