import pytest
from lastuuid.dummies import uuidgen

from messagebus import AsyncEventstreamPublisher, AsyncMessageBus
from reading_club.domain.messages import BookRegistered, RegisterBook
from tests.conftest import EventstreamTransport
from tests.memory.eventstore import InMemoryEventstore
from tests.memory.uow import InMemoryUnitOfWork


@pytest.fixture
def eventstore(uow: InMemoryUnitOfWork, transport: EventstreamTransport) -> InMemoryEventstore:
    """A store that remembers, in the place of the unit of work's own."""
    eventstore = InMemoryEventstore(AsyncEventstreamPublisher(transport))
    uow.eventstore = eventstore
    return eventstore


async def test_the_store_has_a_command_and_the_event_that_it_raised(
    register_book_cmd: RegisterBook,
    uow: InMemoryUnitOfWork,
    bus: AsyncMessageBus,
    eventstore: InMemoryEventstore,
) -> None:
    async with uow as transaction:
        await bus.handle(register_book_cmd, transaction)
        await transaction.commit()

    assert eventstore.messages == [
        register_book_cmd,
        BookRegistered(**register_book_cmd.model_dump(exclude={"metadata"})),
    ]


async def test_a_refused_command_is_stored_too(
    register_book_cmd: RegisterBook,
    uow: InMemoryUnitOfWork,
    bus: AsyncMessageBus,
    eventstore: InMemoryEventstore,
) -> None:
    content = register_book_cmd.model_dump(exclude={"id", "metadata"})
    again = RegisterBook(id=uuidgen(2), **content)
    async with uow as transaction:
        await bus.handle(register_book_cmd, transaction)
        await bus.handle(again, transaction)
        await transaction.commit()

    assert [type(message) for message in eventstore.messages] == [
        RegisterBook,
        BookRegistered,
        RegisterBook,
    ]


async def test_only_published_messages_leave_for_the_stream(
    register_book_cmd: RegisterBook,
    uow: InMemoryUnitOfWork,
    bus: AsyncMessageBus,
    transport: EventstreamTransport,
    eventstore: InMemoryEventstore,
) -> None:
    async with uow as transaction:
        await bus.handle(register_book_cmd, transaction)
        await transaction.commit()

    assert len(eventstore.messages) == 2
    assert [event["type"] for event in transport.events] == ["register_book_v1"]
