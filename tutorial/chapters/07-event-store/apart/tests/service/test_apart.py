from messagebus import AsyncMessageBus
from reading_club.domain.messages import BookRegistered, RegisterBook
from tests.memory.eventstore import InMemoryEventstore
from tests.memory.uow import InMemoryUnitOfWork


async def test_the_store_remembers_a_book_that_was_rolled_back(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork, bus: AsyncMessageBus
) -> None:
    uow.eventstore = eventstore = InMemoryEventstore()
    async with uow as transaction:
        await bus.handle(register_book_cmd, transaction)
        await transaction.rollback()

    assert (await uow.books.by_id(register_book_cmd.id)).is_err()
    assert [type(message) for message in eventstore.messages] == [RegisterBook, BookRegistered]
