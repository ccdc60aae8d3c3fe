import pytest
from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus, ConfigurationError, Event, Metadata
from reading_club.domain.messages import BookRegistered, RegisterReviewer
from reading_club.service.uow import AbstractUnitOfWork
from tests.conftest import EventstreamTransport
from tests.memory.uow import InMemoryUnitOfWork


class BookBorrowed(Event):
    """Its metadata was copied, and one word in it not changed."""

    reader: str
    metadata: Metadata = Metadata(name="register_book", schema_version=1, published=True)


async def hear_of_loan(event: BookBorrowed, uow: AbstractUnitOfWork) -> None: ...


async def hear_of_book(event: BookRegistered, uow: AbstractUnitOfWork) -> None: ...


async def test_two_events_of_one_type_are_refused(
    uow: InMemoryUnitOfWork, transport: EventstreamTransport
) -> None:
    bus = AsyncMessageBus()
    bus.add_listener(BookRegistered, hear_of_book)
    book = BookRegistered(id=uuidgen(1), isbn="0-321-12521-5", title="DDD", author="Evans")
    with pytest.raises(ConfigurationError, match="published as register_book_v1, as is"):
        bus.add_listener(BookBorrowed, hear_of_loan)
        async with uow as transaction:
            await bus.handle(book, transaction)
            await bus.handle(BookBorrowed(reader="Ada"), transaction)
            await transaction.commit()
        assert len({event["type"] for event in transport.events}) == 2


def test_a_handler_is_not_added_for_what_it_does_not_take() -> None:
    with pytest.raises(ConfigurationError, match="is annotated for BookRegistered, but is added"):
        AsyncMessageBus().add_listener(RegisterReviewer, hear_of_book)
