import pytest

from messagebus import AsyncMessageBus
from reading_club.domain.messages import RegisterBook
from reading_club.service.handlers.book import register_book
from tests.memory.uow import InMemoryUnitOfWork


@pytest.fixture
def bus() -> AsyncMessageBus:
    bus = AsyncMessageBus()
    bus.add_listener(RegisterBook, register_book)
    return bus


async def test_the_bus_finds_the_handler_and_returns_its_answer(
    bus: AsyncMessageBus, register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork
) -> None:
    async with uow as transaction:
        operation = await bus.handle(register_book_cmd, transaction)
        await transaction.commit()

    assert operation.is_ok()
    assert (await uow.books.by_id(register_book_cmd.id)).is_ok()
