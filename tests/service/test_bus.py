import pytest

from messagebus import AsyncMessageBus, ConfigurationError, UnhandledCommandError
from reading_club.domain.messages import RegisterBook
from reading_club.service.handlers.book import register_book
from reading_club.service.repositories import BookRepositoryOperationResult
from reading_club.service.uow import AbstractUnitOfWork
from tests.memory.uow import InMemoryUnitOfWork


async def test_the_bus_finds_the_handler_and_returns_its_answer(
    bus: AsyncMessageBus, register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork
) -> None:
    async with uow as transaction:
        operation = await bus.handle(register_book_cmd, transaction)
        await transaction.commit()

    assert operation.is_ok()
    assert (await uow.books.by_id(register_book_cmd.id)).is_ok()


async def test_a_command_without_a_handler_is_an_error(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork
) -> None:
    async with uow as transaction:
        with pytest.raises(UnhandledCommandError, match="RegisterBook has no handler"):
            await AsyncMessageBus().handle(register_book_cmd, transaction)
        await transaction.rollback()


def test_a_command_has_one_handler(bus: AsyncMessageBus) -> None:
    async def register_twice(
        cmd: RegisterBook, uow: AbstractUnitOfWork
    ) -> BookRepositoryOperationResult:
        await register_book(cmd, uow)
        return await register_book(cmd, uow)

    with pytest.raises(ConfigurationError, match="second handler for RegisterBook"):
        bus.add_listener(RegisterBook, register_twice)
