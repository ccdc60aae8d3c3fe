"""The ways to the stream with observers around each publication."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from messagebus.observers.observer import around, watches
from messagebus.ports import AsyncAbstractEventstreamTransport, SyncAbstractEventstreamTransport
from messagebus.relay.stream import (
    AsyncAbstractStream,
    Delivery,
    MessageRejectedError,
    StreamMessage,
)
from messagebus.telemetry.observer import Observer, Publication
from messagebus.variants import raise_if_awaitable


class AsyncObservedStream(AsyncAbstractStream):
    """A relay's stream whose batches observers watch."""

    def __init__(self, stream: AsyncAbstractStream, *observers: Observer) -> None:
        self._stream = stream
        self._watches = watches(observers, "publication", Observer)

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        """Send the messages in order; return how many, from the first, are confirmed."""
        publication = Publication(batch)
        with around(self._watches, publication):
            try:
                publication.confirmed = await self._stream.publish(publication.batch)
            except MessageRejectedError as error:
                publication.confirmed = error.confirmed
                raise
        return publication.confirmed

    def consume(self, consumer: str) -> AsyncGenerator[Delivery, None]:
        """Deliver what the stream delivers."""
        return self._stream.consume(consumer)

    async def register(self, consumer: str) -> None:
        """Let the stream keep messages for a consumer."""
        await self._stream.register(consumer)

    async def lag(self, consumer: str) -> int | None:
        """How many messages the consumer has not acknowledged, as the stream says."""
        return await self._stream.lag(consumer)

    async def oldest_age(self) -> timedelta | None:
        """How old the oldest message is, as the stream says."""
        return await self._stream.oldest_age()

    async def skip(self, consumer: str, position: int) -> None:
        """Let the stream pass over what cannot be decoded."""
        await self._stream.skip(consumer, position)

    async def begin_anew(self, consumer: str) -> None:
        """Let the stream forget a consumer's position."""
        await self._stream.begin_anew(consumer)

    async def purge(self, retention: timedelta, limit: int) -> int:
        """Let the stream delete what it need not keep."""
        return await self._stream.purge(retention, limit)

    async def close(self) -> None:
        """Let connections and files go."""
        await self._stream.close()


class AsyncObservedTransport(AsyncAbstractEventstreamTransport):
    """A publisher's transport that observers watch. It carries envelopes alone, without headers."""

    def __init__(self, transport: AsyncAbstractEventstreamTransport, *observers: Observer) -> None:
        self._transport = transport
        self._watches = watches(observers, "publication", Observer)

    async def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        """Hand one envelope to the stream."""
        publication = Publication([StreamMessage(message, {})])
        with around(self._watches, publication):
            await self._transport.send_message_serialized(message)
            publication.confirmed = 1


class SyncObservedTransport(SyncAbstractEventstreamTransport):
    """A publisher's transport that observers watch: `AsyncObservedTransport`, blocking."""

    def __init__(self, transport: SyncAbstractEventstreamTransport, *observers: Observer) -> None:
        self._transport = transport
        self._watches = watches(observers, "publication", Observer)

    def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        """Hand one envelope to the stream."""
        publication = Publication([StreamMessage(message, {})])
        send = self._transport.send_message_serialized
        with around(self._watches, publication):
            raise_if_awaitable(send(message), send)
            publication.confirmed = 1
