"""The loop that empties the outbox.

After the transactional outbox with a polling publisher (Richardson, "Microservices Patterns",
chapter 3). The relay keeps no cursor: a smaller position may be committed after a larger one, and
a relay that read only behind its last position would lose that message.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from types import TracebackType
from typing import Self

from messagebus.errors import ConfigurationError, MessageBusError
from messagebus.relay.outbox import AsyncAbstractLeader, AsyncAbstractOutbox, OutboxMessage
from messagebus.relay.stopping import GracefulStop, delay_after, rest
from messagebus.relay.stream import (
    AsyncAbstractStream,
    MessageRejectedError,
    StreamClosedError,
    StreamUnavailableError,
)

_log = logging.getLogger(__name__)

_PURGES_EVERY = 60.0
_PURGED_AT_ONCE = 1000


class LedElsewhereError(MessageBusError):
    """Another relay holds the leader lock of this outbox."""


class AsyncRelay:
    """Sends the waiting messages of the outbox to the stream while it holds the leader lock.

    Inside a service, it runs as a task:

        async with AsyncRelay(outbox, stream, leader):
            ...

    Each message is sent at least once. A relay that dies between sending and marking sends the
    batch again. While the stream or the database is unavailable, the relay tries again for ever,
    at most 5 s apart. A message that the stream rejects for good becomes a dead letter and parks
    its stream key; other keys go on.
    """

    def __init__(
        self,
        outbox: AsyncAbstractOutbox,
        stream: AsyncAbstractStream,
        leader: AsyncAbstractLeader,
        *,
        batch: int = 100,
        poll: float = 0.05,
        retention: timedelta | None = None,
        grace: float = 10.0,
    ) -> None:
        """Send at most `batch` messages at once, and look for new ones every `poll` seconds.

        Messages that were sent longer ago than `retention` are purged from the outbox and then
        from the stream; without a retention, nothing is purged. A stopped relay has `grace`
        seconds to finish its batch.
        """
        self._outbox = outbox
        self._stream = stream
        self._leader = leader
        self._batch = batch
        self._poll = poll
        self._retention = retention
        self._woken = asyncio.Event()
        self._stop = GracefulStop(grace)
        self._task: asyncio.Task[None] | None = None
        self._confirmed: Sequence[int] = ()
        self._failures = 0
        self._next_purge = 0.0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self.run(), name="relay")
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._task is not None:
            if not self._task.done():
                self.stop()
            await self._task

    def wake(self) -> None:
        """Look for new messages now; call this after a commit in the same process."""
        self._woken.set()

    def stop(self) -> None:
        """Let the relay end when its batch is finished, after `grace` seconds at the latest."""
        self._stop.request()
        self._woken.set()

    async def run(self) -> None:
        """Acquire the leader lock as soon as it is free, and send until `stop` is called.

        Raises `StreamClosedError` if the stream has lost its reader, and `ConfigurationError` if
        this database cannot have a leader lock.
        """
        async with self._until_stopped():
            while not self._stop.requested:
                self._woken.clear()
                try:
                    full = await self._turn()
                except (StreamClosedError, ConfigurationError):
                    raise
                except Exception as error:
                    self._failures += 1
                    _log.warning("cannot send, try %d: %s", self._failures, error)
                    await self._stop.rest(delay_after(self._failures))
                    continue
                self._failures = 0
                if not full:
                    await rest(self._woken, self._poll)

    async def drain(self) -> int:
        """Send until no message waits; return how many messages the stream has confirmed.

        Raises `LedElsewhereError` if another relay leads, and each error of the stream and the
        outbox.
        """
        total = 0
        async with self._until_stopped():
            leads = await self._lead_soon()
            while leads and not self._stop.requested:
                if not (batch := await self._outbox.waiting(self._batch)):
                    break
                total += await self._send(batch)
                leads = await self._leader.try_acquire()
            if not leads:
                raise LedElsewhereError(
                    "another relay holds the leader lock of this outbox. One relay at a time may "
                    "send. Leave the sending to that relay, or stop it first."
                )
        return total

    @asynccontextmanager
    async def _until_stopped(self) -> AsyncGenerator[None, None]:
        try:
            async with self._stop.bounded():
                yield
        finally:
            await self._leader.release()

    async def _turn(self) -> bool:
        """Send one batch if this relay leads; return whether more messages may wait already."""
        await self._mark_confirmed()
        if not await self._leader.try_acquire():
            return False
        batch = await self._outbox.waiting(self._batch)
        if batch:
            await self._send(batch)
        return len(batch) == self._batch or await self._purged()

    async def _lead_soon(self) -> bool:
        """Try to acquire the leader lock, twice: its holder may be about to release it."""
        if await self._leader.try_acquire():
            return True
        await self._stop.rest(self._poll)
        return await self._leader.try_acquire()

    async def _send(self, batch: Sequence[OutboxMessage]) -> int:
        try:
            confirmed = await self._stream.publish([each.message for each in batch])
        except MessageRejectedError as rejection:
            await self._mark_sent(batch[: rejection.confirmed])
            rejected = batch[rejection.confirmed]
            _log.error("message %d is a dead letter: %s", rejected.position, rejection)
            await self._outbox.reject(rejected.position, str(rejection))
            return rejection.confirmed
        await self._mark_sent(batch[:confirmed])
        if confirmed < len(batch):
            raise StreamUnavailableError(
                f"{type(self._stream).__qualname__} has confirmed {confirmed} of {len(batch)} "
                "messages. The relay sends the others again."
            )
        return confirmed

    async def _mark_sent(self, batch: Sequence[OutboxMessage]) -> None:
        self._confirmed = [each.position for each in batch]
        await self._mark_confirmed()

    async def _mark_confirmed(self) -> None:
        """Mark the confirmed messages, also those that an earlier call failed to mark."""
        if self._confirmed:
            await self._outbox.mark_sent(self._confirmed)
            self._confirmed = ()

    async def _purged(self) -> bool:
        """Purge some messages that are older than the retention; return whether more may be."""
        now = asyncio.get_running_loop().time()
        if self._retention is None or now < self._next_purge:
            return False
        sent = await self._outbox.purge(self._retention, _PURGED_AT_ONCE)
        read = await self._stream.purge(self._retention, _PURGED_AT_ONCE)
        if _PURGED_AT_ONCE in (sent, read):
            return True
        self._next_purge = now + _PURGES_EVERY
        return False
