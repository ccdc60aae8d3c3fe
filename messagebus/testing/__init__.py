"""For tests of applications: a stream and event stores in memory, fixtures, checks of ports.

Opt-in: `pytest_plugins = ["messagebus.testing"]` in a `conftest.py` gives the fixtures
`transport` and `eventstore`, and `sync_transport` and `sync_eventstore` for the sync variant;
the event stores publish to the transports. Everything can be used without the fixtures too.
"""

from collections.abc import Mapping
from typing import Any

import pytest

from messagebus.eventstore import (
    AsyncAbstractEventstoreRepository,
    SyncAbstractEventstoreRepository,
)
from messagebus.eventstream import AsyncEventstreamPublisher, SyncEventstreamPublisher
from messagebus.messages import Message
from messagebus.ports import (
    AsyncAbstractEventstreamTransport,
    SyncAbstractEventstreamTransport,
)
from messagebus.testing.repositories import check_async_repository, check_sync_repository
from messagebus.testing.streams import check_stream, stream_messages

__all__ = [
    "AsyncInMemoryEventstoreRepository",
    "AsyncInMemoryEventstreamTransport",
    "SyncInMemoryEventstoreRepository",
    "SyncInMemoryEventstreamTransport",
    "check_async_repository",
    "check_stream",
    "check_sync_repository",
    "eventstore",
    "stream_messages",
    "sync_eventstore",
    "sync_transport",
    "transport",
]


class AsyncInMemoryEventstreamTransport(AsyncAbstractEventstreamTransport):
    """A stream that remembers the envelopes which it was sent, in order."""

    def __init__(self) -> None:
        self.events: list[Mapping[str, Any]] = []

    async def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        """Remember the envelope."""
        self.events.append(message)


class SyncInMemoryEventstreamTransport(SyncAbstractEventstreamTransport):
    """A stream that remembers the envelopes which it was sent, in order."""

    def __init__(self) -> None:
        self.events: list[Mapping[str, Any]] = []

    def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        """Remember the envelope."""
        self.events.append(message)


class AsyncInMemoryEventstoreRepository(AsyncAbstractEventstoreRepository):
    """Keeps the messages of committed transactions in `messages`, in the order of handling."""

    def __init__(self, publisher: AsyncEventstreamPublisher | None = None) -> None:
        super().__init__(publisher)
        self.messages: list[Message[Any]] = []
        self._undecided: list[Message[Any]] = []

    async def _add(self, message: Message[Any]) -> None:
        self._undecided.append(message)

    def end(self, committed: bool) -> None:
        """Keep the transaction's messages if it was committed, forget them if not."""
        super().end(committed)
        if committed:
            self.messages += self._undecided
        self._undecided.clear()


class SyncInMemoryEventstoreRepository(SyncAbstractEventstoreRepository):
    """Keeps the messages of committed transactions in `messages`, in the order of handling."""

    def __init__(self, publisher: SyncEventstreamPublisher | None = None) -> None:
        super().__init__(publisher)
        self.messages: list[Message[Any]] = []
        self._undecided: list[Message[Any]] = []

    def _add(self, message: Message[Any]) -> None:
        self._undecided.append(message)

    def end(self, committed: bool) -> None:
        """Keep the transaction's messages if it was committed, forget them if not."""
        super().end(committed)
        if committed:
            self.messages += self._undecided
        self._undecided.clear()


@pytest.fixture
def transport() -> AsyncInMemoryEventstreamTransport:
    """A stream in memory: look at its `events`."""
    return AsyncInMemoryEventstreamTransport()


@pytest.fixture
def eventstore(transport: AsyncInMemoryEventstreamTransport) -> AsyncInMemoryEventstoreRepository:
    """An event store in memory that publishes to `transport`: look at its `messages`."""
    return AsyncInMemoryEventstoreRepository(AsyncEventstreamPublisher(transport))


@pytest.fixture
def sync_transport() -> SyncInMemoryEventstreamTransport:
    """A stream in memory, for the sync variant: look at its `events`."""
    return SyncInMemoryEventstreamTransport()


@pytest.fixture
def sync_eventstore(
    sync_transport: SyncInMemoryEventstreamTransport,
) -> SyncInMemoryEventstoreRepository:
    """An event store in memory that publishes to `sync_transport`: look at its `messages`."""
    return SyncInMemoryEventstoreRepository(SyncEventstreamPublisher(sync_transport))
