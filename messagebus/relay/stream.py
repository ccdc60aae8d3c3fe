"""The stream's port: publish a batch and hear what was confirmed; consume, and acknowledge."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from messagebus.errors import ConfigurationError, MessageBusError

TPosition = TypeVar("TPosition", bound=Hashable)


class StreamUnavailableError(MessageBusError):
    """The stream is away, or cannot take anything now; whoever sends tries again later."""


class StreamClosedError(MessageBusError):
    """Nobody will ever read the stream again, as behind a broken pipe: the relay ends."""


class MessageRejectedError(MessageBusError):
    """The stream will never take one message of a batch, such as one that is too large.

    `confirmed` messages before it were taken; the refused one is the next.
    """

    def __init__(self, message: str, confirmed: int) -> None:
        super().__init__(message)
        self.confirmed = confirmed


class UndecodableMessageError(MessageBusError):
    """What the stream keeps at one position is no message; its consumer stays in front of it.

    `place` is the file or table, `position` the line's first byte or the row's position.
    """

    def __init__(self, message: str, place: str, position: int) -> None:
        super().__init__(message)
        self.place = place
        self.position = position


class LostPositionError(MessageBusError):
    """A consumer's position cannot be read, or belongs to another stream than the one found.

    Messages may be missing between the two, so the consumer neither goes on nor begins anew.
    """


@dataclass(frozen=True, slots=True)
class StreamMessage:
    """What travels: the envelope as it was serialised, and what is said about it."""

    envelope: Mapping[str, str]
    """`id`, `created_at`, `type` and `payload`, which no transport may change."""

    headers: Mapping[str, str]
    """`position` in the outbox and `stream_key`; if any, `correlation_id`, `causation_id`, and
    `traceparent` and `tracestate` of W3C Trace Context."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A message on its way to one consumer."""

    message: StreamMessage

    ack: Callable[[], Awaitable[None]]
    """Await it after the commit of the message's effect: it is not delivered again."""


class AsyncAbstractStream(ABC):
    """Where published messages go, and where consumers read them."""

    @abstractmethod
    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        """Send the messages in order; return how many, from the first, are confirmed.

        Confirmed is what would outlive a crash of the stream. Fewer than all means that the rest
        is to be sent again later. Raises `StreamUnavailableError` where not even the first was
        taken, `StreamClosedError` where none ever will be, and `MessageRejectedError` for a message
        that no later try would bring through; a stream that has several in flight finds that out
        before it sends what is behind that one.
        """

    @abstractmethod
    def consume(self, consumer: str) -> AsyncGenerator[Delivery, None]:
        """Deliver from the oldest that this consumer has not acknowledged, and wait for more.

        Each consumer's name has a position of its own, which begins at the stream's first
        message. Closing the generator gives up what is not acknowledged: it comes again.

        Raises `UndecodableMessageError` at what is no message, after everything in front of it was
        delivered, and `LostPositionError` where the position belongs to another stream.
        """

    async def skip(self, consumer: str, position: int) -> None:
        """Pass over what cannot be decoded at a position, for a consumer that stands there.

        Raises `ConfigurationError` for any other position, and for a message that can be decoded;
        so does a stream that does not override it.
        """
        raise ConfigurationError(
            f"{type(self).__qualname__} skips nothing at {position} for {consumer!r}: it remembers "
            "no positions. Use the commands of its broker."
        )

    async def begin_anew(self, consumer: str) -> None:
        """Forget a consumer's position: it begins at the first message that the stream has now.

        Raises `ConfigurationError` where no such consumer is known; so does a stream that does not
        override it.
        """
        raise ConfigurationError(
            f"{type(self).__qualname__} begins nothing anew for {consumer!r}: it remembers no "
            "positions. Use the commands of its broker."
        )

    async def purge(self, retention: timedelta, limit: int) -> int:
        """Delete at most `limit` messages that are older and no consumer needs; say how many.

        Nothing, unless the stream overrides it: brokers have a retention of their own.
        """
        return 0

    async def close(self) -> None:
        """Let connections and files go."""
        return


class AcknowledgedPrefix(Generic[TPosition]):
    """Makes one position of acknowledgements in any order, for streams that remember just one.

    `store(position)` is awaited when everything up to a position has been acknowledged: one call
    at a time, each for a later position than the one before. What it raises, `ack` raises; the
    next `ack`, of whichever message, tries again.
    """

    def __init__(self, store: Callable[[TPosition], Awaitable[None]]) -> None:
        self._store = store
        self._delivered: dict[TPosition, bool] = {}
        self._reached: TPosition | None = None
        self._stored: TPosition | None = None
        self._storing = asyncio.Lock()

    def deliver(self, message: StreamMessage, position: TPosition) -> Delivery:
        """Deliver the message behind all that were delivered before."""
        self._delivered[position] = False

        async def ack() -> None:
            await self._acknowledge(position)

        return Delivery(message, ack)

    async def pass_over(self, position: TPosition) -> None:
        """Count a position without a message as acknowledged."""
        self._delivered[position] = False
        await self._acknowledge(position)

    async def _acknowledge(self, position: TPosition) -> None:
        if position in self._delivered:
            self._delivered[position] = True
        while self._delivered and self._delivered[first := next(iter(self._delivered))]:
            self._reached = first
            del self._delivered[first]
        async with self._storing:
            reached = self._reached
            if reached is not None and reached != self._stored:
                await self._store(reached)
                self._stored = reached
