"""The published events for any number of readers: one of them looks, all of them hear.

Each reader on its own would ask the database as often as all others together do here, and the
writers would feel it. A reader holds no transaction while it waits.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Sequence
from types import TracebackType
from typing import Self

import structlog

from messagebus.adapters.sqlalchemy import AsyncSqlStream
from messagebus.relay import StreamMessage

_log: structlog.stdlib.BoundLogger = structlog.get_logger(__name__)
_POLL, _AFTER_A_FAILURE = 0.1, 1.0
_KEPT = 1000

Numbered = tuple[int, StreamMessage]


class Feed:
    """Follows the stream's table while it is open, and keeps its last messages in memory.

    async with Feed(stream) as feed:
        async for position, message in feed.follow(after=0):
            ...
    """

    def __init__(self, stream: AsyncSqlStream) -> None:
        self._stream = stream
        self._tail: deque[Numbered] = deque(maxlen=_KEPT)
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

    async def follow(self, after: int) -> AsyncGenerator[Numbered, None]:
        """The messages behind a position, each with its own, and those to come."""
        while not self._closed:
            news = self._news
            if after < self._before_tail:
                found: Sequence[Numbered] = await self._stream.behind(after)
            else:
                found = [each for each in self._tail if each[0] > after]
                if not found:
                    await news.wait()
            for position, message in found:
                yield position, message
                after = position

    async def _look(self) -> None:
        while not self._closed:
            try:
                found = await self._stream.behind(self._reached)
            except Exception as error:
                _log.warning("the feed cannot read the stream", reason=str(error))
                await self._rest(_AFTER_A_FAILURE)
                continue
            for numbered in found:
                if len(self._tail) == _KEPT:
                    self._before_tail, _ = self._tail[0]
                self._tail.append(numbered)
                self._reached, _ = numbered
            if found:
                self._tell()
            else:
                await self._rest(_POLL)

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def _rest(self, seconds: float) -> None:
        news = self._news
        try:
            async with asyncio.timeout(seconds):
                await news.wait()
        except TimeoutError:
            return
