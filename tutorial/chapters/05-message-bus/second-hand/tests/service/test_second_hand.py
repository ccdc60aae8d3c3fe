import pytest

from messagebus import AsyncMessageBus, UnhandledCommandError
from reading_club.domain.messages import RegisterBook
from reading_club.service.handlers.book import register_book
from tests.memory.uow import InMemoryUnitOfWork


class RegisterSecondHandBook(RegisterBook):
    """A book that had another owner."""


async def test_a_subclass_is_another_command_until_it_has_a_handler(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork
) -> None:
    bus = AsyncMessageBus()
    bus.add_listener(RegisterBook, register_book)
    second_hand = RegisterSecondHandBook(**register_book_cmd.model_dump())

    async with uow as transaction:
        with pytest.raises(UnhandledCommandError, match="RegisterSecondHandBook"):
            await bus.handle(second_hand, transaction)

        bus.add_listener(RegisterSecondHandBook, register_book)
        assert (await bus.handle(second_hand, transaction)).is_ok()
        await transaction.commit()
