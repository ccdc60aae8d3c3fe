"""The stream's port: publish a batch and return what was confirmed; consume and acknowledge."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from messagebus.errors import ConfigurationError, MessageBusError

TPosition = TypeVar("TPosition", bound=Hashable)


class StreamUnavailableError(MessageBusError):
    """The stream is unavailable, or takes no message now; the sender tries again later."""


class StreamClosedError(MessageBusError):
    """The stream has lost its reader for good, as a broken pipe has; the relay ends."""


class MessageRejectedError(MessageBusError):
    """The stream rejects one message of a batch for good, for instance because it is too large.

    The stream has confirmed the `confirmed` messages before it; the next one is rejected.
    """

    def __init__(self, message: str, confirmed: int) -> None:
        super().__init__(message)
        self.confirmed = confirmed


class UndecodableMessageError(MessageBusError):
    """The stream cannot decode the message at one position, and reading messages stops there.

    `place` is the file or table, `position` the line's first byte or the row's position.
    """

    def __init__(self, message: str, place: str, position: int) -> None:
        super().__init__(message)
        self.place = place
        self.position = position


class LostMessagesError(MessageBusError):
    """The stream has deleted messages that a consumer had not acknowledged.

    The stream raises it once for them. The next `consume` goes on behind them.
    """


class LostPositionError(MessageBusError):
    """A consumer's position cannot be read, or belongs to another stream than the present one.

    Messages may be missing between the two, so the consumer neither goes on nor begins anew.
    """


@dataclass(frozen=True, slots=True)
class StreamMessage:
    """A message on the stream: its serialised envelope, and headers about it."""

    envelope: Mapping[str, str]
    """`id`, `created_at`, `type` and `payload`; a transport changes none of them."""

    headers: Mapping[str, str]
    """`position` in the outbox and `stream_key`; if present, `correlation_id`, `causation_id`, and
    `traceparent` and `tracestate` of W3C Trace Context."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """Bytes on their way to one consumer; `decode` makes a message of them."""

    body: bytes
    """The encoded message, or other bytes that the stream contains at this position."""

    headers: Mapping[str, str]
    """The message's headers; empty if the stream cannot read them."""

    ack: Callable[[], Awaitable[None]]
    """Await it after the commit of the message's effect; the message is not delivered again."""


class AsyncAbstractStream(ABC):
    """Takes published messages, and delivers them to consumers."""

    @abstractmethod
    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        """Send the messages in order; return how many, from the first, are confirmed.

        A confirmed message outlives a crash of the stream. The relay sends the others again.
        Raises `StreamUnavailableError` if the stream took no message, `StreamClosedError` if it
        never will, and `MessageRejectedError` for a message that it rejects for good. A stream
        that has several messages in flight sends none behind a rejected one.
        """

    @abstractmethod
    def consume(self, consumer: str) -> AsyncGenerator[Delivery, None]:
        """Deliver messages from the first unacknowledged one on, and wait for more.

        Each consumer's name has a position of its own, which begins at the stream's first
        message. When the generator is closed, unacknowledged messages are delivered again to the
        next one. Bytes that are no message are delivered like a message. An acknowledgement by a
        process that another one has overtaken moves no position.

        Raises `StreamUnavailableError` if the stream does not answer, `LostPositionError` if the
        position belongs to another stream, and `LostMessagesError`.
        """

    async def register(self, consumer: str) -> None:
        """Keep messages for a consumer from now on; a second call changes nothing.

        Call it before the first publication. A stream that keeps all its messages does nothing.
        """
        return

    async def lag(self, consumer: str) -> int | None:
        """The number of messages that the consumer has not acknowledged; `None` if unknown."""
        return None

    async def oldest_age(self) -> timedelta | None:
        """The age of the oldest message; `None` if there is none, or if it is unknown."""
        return None

    async def skip(self, consumer: str, position: int) -> None:
        """Skip the undecodable message at a position, for a consumer that has stopped there.

        Raises `ConfigurationError` for any other position, and for a message that can be decoded.
        A stream that does not override this method always raises it.
        """
        raise ConfigurationError(
            f"{type(self).__qualname__} cannot skip position {position} for consumer {consumer!r}. "
            "It stores no positions. Use the commands of its broker."
        )

    async def begin_anew(self, consumer: str) -> None:
        """Delete a consumer's position: it begins at the first message that the stream has now.

        Raises `ConfigurationError` if the consumer is unknown. A stream that does not override
        this method always raises it.
        """
        raise ConfigurationError(
            f"{type(self).__qualname__} cannot begin anew for consumer {consumer!r}. It stores no "
            "positions. Use the commands of its broker."
        )

    async def purge(self, retention: timedelta, limit: int) -> int:
        """Delete at most `limit` older messages that no consumer needs; return how many.

        A stream that does not override this method deletes none: brokers have their own retention.
        """
        return 0

    async def close(self) -> None:
        """Close connections and files."""
        return


class AcknowledgedPrefix(Generic[TPosition]):
    """Reduces acknowledgements in any order to one position, for streams that store only one.

    `store(position)` is awaited when all messages up to a position have been acknowledged: one
    call at a time, each for a later position than the one before. `ack` raises the errors of
    `store`; the next `ack` of any message tries again.
    """

    def __init__(self, store: Callable[[TPosition], Awaitable[None]]) -> None:
        self._store = store
        self._delivered: dict[TPosition, bool] = {}
        self._reached: TPosition | None = None
        self._stored: TPosition | None = None
        self._storing = asyncio.Lock()

    def deliver(self, body: bytes, headers: Mapping[str, str], position: TPosition) -> Delivery:
        """Deliver a body; its position is behind those of all earlier deliveries."""
        self._delivered[position] = False

        async def ack() -> None:
            await self._acknowledge(position)

        return Delivery(body, headers, ack)

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
