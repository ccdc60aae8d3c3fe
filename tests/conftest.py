"""What the club's tests share: a command, a unit of work in memory, a bus, a stream."""

from collections.abc import Mapping, MutableSequence
from typing import Any

import pytest
from lastuuid.dummies import uuidgen

from messagebus import AsyncAbstractEventstreamTransport, AsyncMessageBus
from reading_club.domain.messages import RegisterBook
from tests.memory.uow import InMemoryUnitOfWork


class EventstreamTransport(AsyncAbstractEventstreamTransport):
    """A stream that remembers what it was sent."""

    events: MutableSequence[Mapping[str, Any]]

    def __init__(self) -> None:
        self.events = []

    async def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        self.events.append(message)


@pytest.fixture
def register_book_cmd() -> RegisterBook:
    return RegisterBook(
        id=uuidgen(1),
        isbn="0-321-12521-5",
        title="Domain Driven Design",
        author="Eric Evans",
    )


@pytest.fixture
def transport() -> EventstreamTransport:
    return EventstreamTransport()


@pytest.fixture
def uow(transport: EventstreamTransport) -> InMemoryUnitOfWork:
    return InMemoryUnitOfWork(transport)


@pytest.fixture(scope="session")
def bus() -> AsyncMessageBus:
    """One bus for all tests: scanning takes time, and handlers keep nothing."""
    bus = AsyncMessageBus()
    bus.scan("reading_club.service.handlers")
    return bus
