"""The loop that empties the outbox.

The relay keeps no cursor: a smaller position may be committed after a larger one, and a relay that
read only behind its last position would lose that message.
"""

import asyncio
import contextlib
import logging
import random
from collections.abc import Sequence
from types import TracebackType
from typing import Self

from messagebus.errors import MessageBusError
from messagebus.relay.outbox import AsyncAbstractLeader, AsyncAbstractOutbox, OutboxMessage
from messagebus.relay.stream import (
    AsyncAbstractStream,
    MessageRejectedError,
    StreamUnavailableError,
)

_log = logging.getLogger(__name__)

_FIRST_DELAY, _LONGEST_DELAY = 0.1, 5.0


class LedElsewhereError(MessageBusError):
    """Another relay holds the leader lock of this outbox."""


class AsyncRelay:
    """Sends the waiting messages of the outbox to the stream while it holds the leader lock.

    Inside a service, it runs as a task:

        async with AsyncRelay(outbox, stream, leader):
            ...

    Each message is sent at least once. A relay that dies between sending and marking sends the
    batch again. While the stream or the database is unavailable, the relay tries again for ever,
    at most 5 s apart.
    """

    def __init__(
        self,
        outbox: AsyncAbstractOutbox,
        stream: AsyncAbstractStream,
        leader: AsyncAbstractLeader,
        *,
        batch: int = 100,
        poll: float = 0.05,
    ) -> None:
        """Send at most `batch` messages at once, and look for new ones every `poll` seconds."""
        self._outbox = outbox
        self._stream = stream
        self._leader = leader
        self._batch = batch
        self._poll = poll
        self._stopped = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self.run(), name="relay")
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stopped.set()
        if self._task is not None:
            await self._task

    async def run(self) -> None:
        """Acquire the leader lock as soon as it is free, and send until the block is left."""
        failures = 0
        while not self._stopped.is_set():
            pause = self._poll
            try:
                await self.drain()
                failures = 0
            except LedElsewhereError:
                _log.debug("another relay leads")
            except Exception as error:
                failures += 1
                pause = _delay(failures)
                _log.warning("cannot send, try %d: %s", failures, error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopped.wait(), pause)

    async def drain(self) -> int:
        """Send until no message waits; return how many messages the stream has confirmed."""
        if not await self._leader.try_acquire():
            raise LedElsewhereError(
                "another relay holds the leader lock of this outbox. One relay at a time may "
                "send. Leave the sending to that relay, or stop it first."
            )
        total = 0
        try:
            while batch := await self._outbox.waiting(self._batch):
                total += await self._send(batch)
        finally:
            await self._leader.release()
        return total

    async def _send(self, batch: Sequence[OutboxMessage]) -> int:
        try:
            confirmed = await self._stream.publish([each.message for each in batch])
        except MessageRejectedError as rejection:
            await self._mark_sent(batch[: rejection.confirmed])
            await self._outbox.reject(batch[rejection.confirmed].position, str(rejection))
            return rejection.confirmed
        await self._mark_sent(batch[:confirmed])
        if confirmed < len(batch):
            raise StreamUnavailableError(
                f"{type(self._stream).__qualname__} has confirmed {confirmed} of {len(batch)} "
                "messages. The relay sends the others again."
            )
        return confirmed

    async def _mark_sent(self, batch: Sequence[OutboxMessage]) -> None:
        if batch:
            await self._outbox.mark_sent([each.position for each in batch])


def _delay(failures: int) -> float:
    delay = min(_LONGEST_DELAY, _FIRST_DELAY * 2.0 ** min(failures, 10))
    return delay * random.uniform(0.5, 1)
