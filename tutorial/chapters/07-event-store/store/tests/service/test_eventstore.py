import pytest

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


async def test_the_store_knows_what_came_of_a_command(
    register_book_cmd: RegisterBook,
    uow: InMemoryUnitOfWork,
    bus: AsyncMessageBus,
    transport: EventstreamTransport,
    eventstore: InMemoryEventstore,
) -> None:
    async with uow as transaction:
        await bus.handle(register_book_cmd, transaction)
        await transaction.commit()

    registered = BookRegistered(**register_book_cmd.model_dump(exclude={"metadata"}))
    assert eventstore.messages == [registered]
    assert len(transport.events) == 1
