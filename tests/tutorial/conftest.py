"""A bus that thanks whoever gave a book, for the tests of the promises."""

import pytest

from messagebus import AsyncMessageBus
from reading_club.domain.messages import BookRegistered
from tests.tutorial.letters import Letters, thank_donor


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
