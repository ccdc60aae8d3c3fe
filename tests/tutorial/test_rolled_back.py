from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus
from reading_club.domain.messages import RegisterBook, RegisterReviewer
from tests.conftest import EventstreamTransport
from tests.memory.uow import InMemoryUnitOfWork


async def test_rolled_back_messages_are_never_published(
    register_book_cmd: RegisterBook,
    uow: InMemoryUnitOfWork,
    bus: AsyncMessageBus,
    transport: EventstreamTransport,
) -> None:
    async with uow as transaction:
        await bus.handle(register_book_cmd, transaction)
        await transaction.rollback()

    async with uow as transaction:
        await bus.handle(RegisterReviewer(id=uuidgen(2), name="Ada"), transaction)
        await transaction.commit()

    assert [event["type"] for event in transport.events] == ["reviewer_registered_v1"]
