import asyncio

from messagebus import AsyncMessageBus
from reading_club.domain.messages import RegisterBook
from tests.memory.uow import InMemoryUnitOfWork
from tests.tutorial.error_text import error_text


async def changed_my_mind(uow: InMemoryUnitOfWork) -> None:
    async with uow as transaction:
        await transaction.rollback()


async def test_a_second_task_cannot_enter_the_unit_of_work(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork, bus: AsyncMessageBus
) -> None:
    async with uow as transaction:
        await bus.handle(register_book_cmd, transaction)
        message = await asyncio.create_task(error_text(changed_my_mind(uow)))
        await transaction.commit()

    assert (await uow.books.by_id(register_book_cmd.id)).is_ok()
    assert "InMemoryUnitOfWork is already in a transaction (running)" in message
