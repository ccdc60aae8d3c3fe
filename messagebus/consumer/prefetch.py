"""Deliveries that are fetched while a batch is applied."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from types import TracebackType
from typing import Self

from messagebus.relay.stream import Delivery, StreamUnavailableError


class Prefetch:
    """Reads deliveries in a task, at most `limit` ahead; an error comes after those in front."""

    def __init__(self, deliveries: AsyncGenerator[Delivery, None], limit: int) -> None:
        self._deliveries = deliveries
        self._queue: asyncio.Queue[Delivery | Exception] = asyncio.Queue(limit)
        self._error: Exception | None = None
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._read(), name="prefetch")
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def take(self, limit: int, seconds: float) -> Sequence[Delivery]:
        """The next deliveries, or none after so many `seconds`; raise the stream's error."""
        if self._error is not None:
            raise self._error
        taken: list[Delivery] = []
        try:
            async with asyncio.timeout(seconds):
                each = await self._queue.get()
        except TimeoutError:
            return taken
        while True:
            if isinstance(each, Exception):
                if not taken:
                    raise each
                self._error = each
                return taken
            taken.append(each)
            if len(taken) == limit or self._queue.empty():
                return taken
            each = self._queue.get_nowait()

    async def _read(self) -> None:
        try:
            async with aclosing(self._deliveries) as deliveries:
                async for each in deliveries:
                    await self._queue.put(each)
            raise StreamUnavailableError("the stream has ended its deliveries.")
        except Exception as error:
            await self._queue.put(error)
