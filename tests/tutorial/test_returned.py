from typing import Any

import pytest

from messagebus import AsyncMessageBus, ConfigurationError
from reading_club.domain.messages import BookRegistered, RegisterBook, ReviewerRegistered
from reading_club.service.uow import AbstractUnitOfWork
from tests.conftest import EventstreamTransport
from tests.memory.uow import InMemoryUnitOfWork


async def welcome_donor(event: BookRegistered, uow: AbstractUnitOfWork) -> ReviewerRegistered:
    return ReviewerRegistered(id=event.id, name=f"Donor of {event.title}")


async def test_an_event_that_is_returned_and_not_raised_is_refused(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork, transport: EventstreamTransport
) -> None:
    bus = AsyncMessageBus()
    bus.scan("reading_club.service.handlers")
    bus.add_listener(BookRegistered, welcome_donor)
    with pytest.raises(ConfigurationError, match="welcome_donor returned ReviewerRegistered"):
        async with uow as transaction:
            await bus.handle(register_book_cmd, transaction)
            await transaction.commit()
        types = [event["type"] for event in transport.events]
        assert types == ["register_book_v1", "reviewer_registered_v1"]


def test_an_instance_is_no_way_to_make_a_dependency() -> None:
    season: Any = "spring"
    with pytest.raises(ConfigurationError, match="give an instance to `handle` instead"):
        AsyncMessageBus(season=season)
