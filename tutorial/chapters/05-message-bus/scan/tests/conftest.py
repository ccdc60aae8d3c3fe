"""What the club's tests share: a command, a unit of work in memory, a bus."""

import pytest
from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus
from reading_club.domain.messages import RegisterBook
from tests.memory.uow import InMemoryUnitOfWork


@pytest.fixture
def register_book_cmd() -> RegisterBook:
    return RegisterBook(
        id=uuidgen(1),
        isbn="0-321-12521-5",
        title="Domain Driven Design",
        author="Eric Evans",
    )


@pytest.fixture
def uow() -> InMemoryUnitOfWork:
    return InMemoryUnitOfWork()


@pytest.fixture(scope="session")
def bus() -> AsyncMessageBus:
    """One bus for all tests: scanning takes time, and handlers keep nothing."""
    bus = AsyncMessageBus()
    bus.scan("reading_club.service.handlers")
    return bus
