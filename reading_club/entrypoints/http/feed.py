"""The published events for any number of readers: one of them looks, all of them hear.

Each reader on its own would ask the database as often as all others together do here, and the
writers would feel it. A reader holds no transaction while it waits.
"""

import asyncio
import json
import re
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from itertools import takewhile
from types import TracebackType
from typing import NamedTuple, Self

import structlog
from structlog.typing import FilteringBoundLogger

from messagebus.adapters.sqlalchemy import AsyncSqlStream
from messagebus.relay import StreamMessage, UndecodableMessageError

_log: FilteringBoundLogger = structlog.get_logger(__name__)
_POLL, _AFTER_A_FAILURE = 0.1, 1.0
_SILENCE = 15.0
"""Seconds after which a reader is told that there is nothing, so that no proxy hangs up."""
_KEPT = 1000


_LARGEST_POSITION = 2**63 - 1
_ID = re.compile(r"([0-9]+)(?:-(.+))?", re.DOTALL)


class EventId(NamedTuple):
    """Where an event is in the stream, and the id of its message: another stream has another one.

    A position alone is what the feed once called an event; 0 is before the first.
    """

    position: int
    message_id: str | None = None

    def __str__(self) -> str:
        return f"{self.position}-{self.message_id}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what the feed has written; raise `ValueError` for anything else."""
        parts = _ID.fullmatch(text)
        if parts is None or len(parts[1]) > 19 or int(parts[1]) > _LARGEST_POSITION:
            raise ValueError("this is no id of an event: send one that the feed has sent")
        return cls(int(parts[1]), parts[2])


BEGINNING = EventId(0)


class _Event(NamedTuple):
    position: int
    text: bytes


class Feed:
    """Follows the stream's table while it is open, and keeps its last messages in memory.

    async with Feed(stream) as feed:
        async for events in feed.follow(after=0):
            ...
    """

    def __init__(self, stream: AsyncSqlStream) -> None:
        self._stream = stream
        self._tail: deque[_Event] = deque(maxlen=_KEPT)
        self._before_tail = self._reached = 0
        self._news = asyncio.Event()
        self._closed = False
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._before_tail = self._reached = await self._stream.head()
        self._task = asyncio.create_task(self._look(), name="feed")
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
        """Let every reader come to its end."""
        self._closed = True
        self._tell()

    async def knows(self, event: EventId) -> bool:
        """Whether the stream has this event, so that a client can go on behind it.

        It has not where the id is of another stream, of this one before it was restored from a
        backup, or of an event that has been deleted meanwhile.
        """
        if event == BEGINNING:
            return True
        found = await self._stream.id_at(event.position)
        return found is not None and event.message_id in (None, found)

    async def follow(self, after: int) -> AsyncGenerator[bytes, None]:
        """The events behind a position and those to come, as they are sent, some at once."""
        while not self._closed:
            news = self._news
            if after < self._before_tail:
                found = [_encoded(*each) for each in await self._behind(after)]
            else:
                found = self._newer_than(after)
            if found:
                after = found[-1].position
                yield b"".join(each.text for each in found)
            elif not await _heard(news, _SILENCE):
                yield b": still here\n\n"

    def _newer_than(self, position: int) -> list[_Event]:
        newer = takewhile(lambda each: each.position > position, reversed(self._tail))
        return [*newer][::-1]

    async def _look(self) -> None:
        while not self._closed:
            try:
                found = await self._behind(self._reached)
            except Exception as error:
                _log.warning("the feed cannot read the stream", reason=str(error))
                await self._rest(_AFTER_A_FAILURE)
                continue
            for position, message in found:
                if len(self._tail) == _KEPT:
                    self._before_tail = self._tail[0].position
                self._tail.append(_encoded(position, message))
                self._reached = position
            if found:
                self._tell()
            else:
                await self._rest(_POLL)

    async def _behind(self, position: int) -> Sequence[tuple[int, StreamMessage]]:
        """What comes next; a row that is no message is logged, and no reader waits for it."""
        while True:
            try:
                return await self._stream.behind(position)
            except UndecodableMessageError as error:
                _log.error("the feed passes over a row of the stream", reason=str(error))
                position = error.position

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def _rest(self, seconds: float) -> None:
        await _heard(self._news, seconds)


def _encoded(position: int, message: StreamMessage) -> _Event:
    """A server-sent event, as the HTML standard has it: made once, for all who read it."""
    data = json.dumps(dict(message.envelope), ensure_ascii=False)
    id_ = EventId(position, message.envelope["id"])
    text = f"event: {message.envelope['type']}\ndata: {data}\nid: {id_}\n\n"
    return _Event(position, text.encode())


async def _heard(news: asyncio.Event, seconds: float) -> bool:
    """Wait for news; say whether there was any in time."""
    try:
        async with asyncio.timeout(seconds):
            await news.wait()
    except TimeoutError:
        return False
    return True
