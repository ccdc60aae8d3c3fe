"""The stream's port: publish a batch and hear what was confirmed; consume, and acknowledge."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from messagebus.errors import MessageBusError


class StreamUnavailableError(MessageBusError):
    """The stream is away, or cannot take anything now; whoever sends tries again later."""


class StreamClosedError(MessageBusError):
    """Nobody will ever read the stream again, as behind a broken pipe: the relay ends."""


class MessageRefusedError(MessageBusError):
    """The stream will never take one message of a batch, such as one that is too large.

    `confirmed` messages before it were taken; the refused one is the next.
    """

    def __init__(self, message: str, confirmed: int) -> None:
        super().__init__(message)
        self.confirmed = confirmed


@dataclass(frozen=True, slots=True)
class StreamMessage:
    """What travels: the envelope as it was serialised, and what is said about it."""

    envelope: Mapping[str, str]
    """`id`, `created_at`, `type` and `payload`, which no transport may change."""

    headers: Mapping[str, str]
    """`position` in the outbox and `stream_key`; if any, `correlation_id`, `causation_id` and W3C
    `traceparent`."""


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
        taken, `StreamClosedError` where none ever will be, and `MessageRefusedError` for a message
        that no later try would bring through; a stream that has several in flight finds that out
        before it sends what is behind that one.
        """

    @abstractmethod
    def consume(self, consumer: str) -> AsyncGenerator[Delivery, None]:
        """Deliver from the oldest that this consumer has not acknowledged, and wait for more.

        Each consumer's name has a position of its own, which begins at the stream's first
        message. Closing the generator gives up what is not acknowledged: it comes again.
        """

    async def purge(self, retention: timedelta, limit: int) -> int:
        """Delete at most `limit` messages that are older and no consumer needs; say how many.

        Nothing, unless the stream overrides it: brokers have a retention of their own.
        """
        return 0

    async def close(self) -> None:
        """Let connections and files go."""
        return


class AcknowledgedPrefix:
    """Makes one position of acknowledgements in any order, for streams that remember just one.

    `store(position)` is awaited when everything up to a position has been acknowledged.
    """

    def __init__(self, store: Callable[[int], Awaitable[None]]) -> None:
        self._store = store
        self._delivered: dict[int, bool] = {}

    def deliver(self, message: StreamMessage, position: int) -> Delivery:
        """Deliver the message behind all that were delivered before."""
        self._delivered[position] = False

        async def ack() -> None:
            await self._acknowledge(position)

        return Delivery(message, ack)

    async def _acknowledge(self, position: int) -> None:
        if position not in self._delivered:
            return
        self._delivered[position] = True
        reached = None
        while self._delivered and self._delivered[first := next(iter(self._delivered))]:
            reached = first
            del self._delivered[first]
        if reached is not None:
            await self._store(reached)
