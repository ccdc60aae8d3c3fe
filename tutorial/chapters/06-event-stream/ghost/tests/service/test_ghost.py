from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus
from reading_club.domain.messages import RegisterBook
from tests.conftest import EventstreamTransport
from tests.memory.uow import InMemoryUnitOfWork


async def test_a_book_that_was_rolled_back_is_told_by_the_next_commit(
    register_book_cmd: RegisterBook,
    uow: InMemoryUnitOfWork,
    bus: AsyncMessageBus,
    transport: EventstreamTransport,
) -> None:
    async with uow as transaction:
        await bus.handle(register_book_cmd, transaction)
        await transaction.rollback()

    other = RegisterBook(
        id=uuidgen(2), isbn="978-0-13-235088-4", title="Clean Code", author="Robert C. Martin"
    )
    async with uow as transaction:
        await bus.handle(other, transaction)
        await transaction.commit()

    assert (await uow.books.by_id(register_book_cmd.id)).is_err()
    assert ["Domain Driven Design" in event["payload"] for event in transport.events] == [
        True,
        False,
    ]
