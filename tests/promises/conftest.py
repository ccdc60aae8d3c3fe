"""What the tests of the promises share beside the club's own fixtures."""

from collections.abc import Awaitable

import pytest

from messagebus import AsyncMessageBus, TransactionError
from reading_club.domain.messages import BookRegistered
from tests.promises.letters import Letters, thank_donor


@pytest.fixture
def letters() -> Letters:
    return Letters()


@pytest.fixture
def thankful_bus(letters: Letters) -> AsyncMessageBus:
    """The club's bus, with a handler that thanks whoever gave a book."""
    bus = AsyncMessageBus(letters=lambda: letters)
    bus.scan("reading_club.service.handlers")
    bus.add_listener(BookRegistered, thank_donor)
    return bus


async def refusal(step: Awaitable[object]) -> str:
    """What the bus says against a step; nothing where it lets it pass."""
    try:
        await step
    except TransactionError as error:
        return str(error)
    return ""
