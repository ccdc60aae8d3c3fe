from messagebus import AsyncMessageBus
from reading_club.domain.messages import RegisterBook
from tests.conftest import EventstreamTransport
from tests.memory.books import InMemoryBookRepository
from tests.memory.uow import InMemoryUnitOfWork


async def test_what_is_set_on_the_transaction_is_set_on_the_unit_of_work(
    register_book_cmd: RegisterBook,
    uow: InMemoryUnitOfWork,
    bus: AsyncMessageBus,
    transport: EventstreamTransport,
) -> None:
    async with uow as transaction:
        transaction.books = InMemoryBookRepository()
        await bus.handle(register_book_cmd, transaction)
        await transaction.commit()

    assert [event["type"] for event in transport.events] == ["register_book_v1"]
