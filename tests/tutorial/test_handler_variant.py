import pytest

from messagebus import AsyncMessageBus, ConfigurationError
from reading_club.domain.messages import RegisterBook
from reading_club.service.uow import AbstractUnitOfWork
from tests.memory.uow import InMemoryUnitOfWork


async def test_a_handler_that_forgot_its_async_is_refused_when_it_is_added(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork
) -> None:
    def shelve(cmd: RegisterBook, uow: AbstractUnitOfWork) -> None:
        """Nothing in here waits."""

    bus = AsyncMessageBus()
    with pytest.raises(ConfigurationError, match="shelve is a plain function"):
        bus.add_listener(RegisterBook, shelve)
        async with uow as transaction:
            await bus.handle(register_book_cmd, transaction)
