"""The loop that consumes a stream.

After the idempotent receiver (Hohpe and Woolf, "Enterprise Integration Patterns"), whose record of
received messages shares the transaction of their effects.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, nullcontext
from datetime import timedelta
from typing import Generic

from messagebus.bus import AsyncMessageBus
from messagebus.consumer.applying import Application, Around, Attempts
from messagebus.consumer.counts import ConsumerCounts
from messagebus.consumer.inbox import AsyncAbstractInbox, OvertakenError, TUow
from messagebus.consumer.incoming import IncomingReader
from messagebus.consumer.prefetch import Prefetch
from messagebus.contracts import Upcasters
from messagebus.contracts.schemas import MessageType
from messagebus.errors import ConfigurationError, MessageBusError
from messagebus.relay.relay import LedElsewhereError
from messagebus.relay.stopping import GracefulStop, delay_after
from messagebus.relay.stream import (
    AsyncAbstractStream,
    Delivery,
    LostMessagesError,
    LostPositionError,
)

_log = logging.getLogger(__name__)

_PURGES_EVERY = 60.0
_PURGED_AT_ONCE = 1000
_QUIET_TURNS = 20
"""The turns without a delivery after which nothing waits, in a stream that knows no lag."""


class AsyncConsumer(Generic[TUow]):
    """Applies each message of a stream once, in the order of its stream key.

    An effect and its row in the inbox are one transaction, and the stream is acknowledged after
    its commit. A message that fails is held with those of its key behind it, and tried again with
    growing delays; after `max_attempts` it is a dead letter. Unknown names are ignored. One process
    consumes under the inbox's name; others wait for its lock.
    """

    def __init__(
        self,
        bus: AsyncMessageBus,
        unit_of_work: Callable[[], TUow],
        stream: AsyncAbstractStream,
        inbox: AsyncAbstractInbox[TUow],
        *,
        messages: Iterable[MessageType],
        upcasters: Upcasters | None = None,
        batch: int = 50,
        poll: float = 0.05,
        max_attempts: int = 10,
        first_delay: float = 1.0,
        max_delay: float = 300.0,
        retry_on: tuple[type[Exception], ...] = (),
        reject_on: tuple[type[Exception], ...] = (),
        retention: timedelta | None = None,
        replay: timedelta | None = None,
        grace: float = 10.0,
        around: Around = lambda headers: nullcontext(),
    ) -> None:
        """Apply at most `batch` messages in one transaction; times are in seconds.

        After an error in `retry_on` the transaction runs again at once, which is no attempt; after
        one in `reject_on` the message is a dead letter at once. `around` gives a context manager
        for the handling of a message with these headers. Done messages are purged from the inbox
        after `retention`; the writer may publish a message again within `replay`.

        Raises `ConfigurationError` for a published class of messages, and for a retention that is
        shorter than `replay`.
        """
        if retention is not None and replay is not None and retention < replay:
            raise ConfigurationError(
                f"the inbox keeps messages for {retention}, and the writer replays them for "
                f"{replay}. A message that comes later than the retention is applied again. Set a "
                "longer retention."
            )
        self.counts = ConsumerCounts()
        self.ready = False
        self._stream = stream
        self._inbox = inbox
        self._batch = batch
        self._poll = poll
        self._retention = retention
        self._stop = GracefulStop(grace)
        self._reader = IncomingReader(messages, upcasters)
        attempts = Attempts(max_attempts, first_delay, max_delay, retry_on, reject_on)
        self._application = Application(
            bus, unit_of_work, inbox, self._reader, attempts, around, self.counts
        )
        self.suspected = batch
        """How many of the next messages are applied alone, with attempts that are counted first.

        A message that ended the process before is among the first of the next process.
        """
        self._failures = 0
        self._next_look = 0.0
        self._next_purge = 0.0

    def stop(self) -> None:
        """Let the consumer end when its batch is finished, after the grace at the latest."""
        self._stop.request()

    async def run(self) -> None:
        """Acquire the lock as soon as it is free, and consume until `stop` is called.

        While the stream or the database does not answer it tries again, at most 5 s apart. Raises
        `LostPositionError`, and `ConfigurationError` if the inbox's retention is shorter than the
        stream's oldest message is old.
        """
        async with self._until_stopped():
            while not self._stop.requested:
                await self._run_until_error()

    async def run_once(self) -> int:
        """Consume until nothing is new, and no held message is due; return how many are finished.

        Raises `LedElsewhereError` if another process consumes, and each error of the stream and
        the inbox.
        """
        finished = self.counts.finished
        async with self._until_stopped():
            if not await self._inbox.lock.try_acquire():
                raise LedElsewhereError(
                    f"another process consumes as {self._inbox.consumer!r}. One at a time may. "
                    "Leave the work to that process, or stop it first."
                )
            while not await self._drained():
                continue
        return self.counts.finished - finished

    @asynccontextmanager
    async def _until_stopped(self) -> AsyncGenerator[None, None]:
        try:
            async with self._stop.bounded():
                yield
        finally:
            self.ready = False
            await self._inbox.lock.release()

    async def _drained(self) -> bool:
        """Consume until nothing waits; return whether the stream has lost no message meanwhile."""
        quiet = 0
        try:
            async with await self._begin() as deliveries:
                while not self._stop.requested and quiet < _QUIET_TURNS:
                    self._next_look = 0.0
                    done = await self._turn(deliveries)
                    lag = None if done else await self._stream.lag(self._inbox.consumer)
                    quiet = 0 if done or lag else _QUIET_TURNS if lag == 0 else quiet + 1
        except LostMessagesError as error:
            self._count_lost(error)
            return False
        return True

    async def _run_until_error(self) -> None:
        try:
            if not await self._inbox.lock.try_acquire():
                self.ready = False
                await self._stop.rest(self._poll)
                return
            async with await self._begin() as deliveries:
                while not self._stop.requested and await self._inbox.lock.try_acquire():
                    await self._turn(deliveries)
                    self.ready, self._failures = True, 0
        except (ConfigurationError, LostPositionError):
            raise
        except OvertakenError as error:
            self.ready = False
            _log.warning("%s", error)
            await self._inbox.lock.release()
            await self._stop.rest(self._poll)
        except LostMessagesError as error:
            self._count_lost(error)
        except Exception as error:
            self.ready = False
            self._failures += 1
            # The text of a driver's error may quote a payload.
            shown = error if isinstance(error, MessageBusError) else type(error).__qualname__
            _log.warning("cannot consume, try %d: %s", self._failures, shown)
            await self._stop.rest(delay_after(self._failures))

    def _count_lost(self, error: LostMessagesError) -> None:
        self.counts.lost += 1
        _log.error("%s", error)

    async def _begin(self) -> Prefetch:
        """Exclude an earlier process of this name, and read the stream ahead."""
        age = await self._stream.oldest_age()
        if self._retention is not None and age is not None and self._retention < age:
            raise ConfigurationError(
                f"the inbox keeps messages for {self._retention}, and the stream has one that is "
                f"{age} old. If it is delivered again, its effect is applied twice. Set a longer "
                "retention."
            )
        await self._inbox.begin()
        await self._stream.register(self._inbox.consumer)
        return Prefetch(self._stream.consume(self._inbox.consumer), self._batch)

    async def _turn(self, deliveries: Prefetch) -> int:
        """Apply what is due and what is new, at most a batch of each; return how many it was."""
        now = asyncio.get_running_loop().time()
        done = 0
        if now >= self._next_look:
            done = await self._application.apply_held(self._batch)
            self._next_look = now if done else now + self._poll
        batch = await deliveries.take(self._batch, self._poll)
        if batch:
            await self._deal_with(batch)
        await self._purge(now)
        return done + len(batch)

    async def _deal_with(self, batch: Sequence[Delivery]) -> None:
        incoming = [self._reader.identify(each.body, each.headers) for each in batch]
        if self.suspected > 0:
            await self._application.hold(incoming)
            self.suspected -= len(batch)
            self._next_look = 0.0
        else:
            await self._application.apply(incoming)
        await asyncio.gather(*(each.ack() for each in reversed(batch)))

    async def _purge(self, now: float) -> None:
        if self._retention is None or now < self._next_purge:
            return
        purged = await self._inbox.purge(self._retention, _PURGED_AT_ONCE)
        if purged < _PURGED_AT_ONCE:
            self._next_purge = now + _PURGES_EVERY
