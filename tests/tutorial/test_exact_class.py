import pytest

from messagebus import AsyncMessageBus, ConfigurationError, Event
from reading_club.domain.messages import BookRegistered, RegisterBook
from reading_club.service.uow import AbstractUnitOfWork
from tests.memory.uow import InMemoryUnitOfWork


async def test_a_handler_for_every_event_would_never_run_and_is_refused(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork
) -> None:
    diary: list[Event] = []

    async def write_down(event: Event, uow: AbstractUnitOfWork) -> None:
        diary.append(event)

    bus = AsyncMessageBus()
    bus.scan("reading_club.service.handlers")
    with pytest.raises(ConfigurationError, match="dispatched by their exact class"):
        bus.add_listener(Event, write_down)
        async with uow as transaction:
            await bus.handle(register_book_cmd, transaction)
            await transaction.commit()
        assert [type(event) for event in diary] == [BookRegistered]
