import pytest

from messagebus import AsyncMessageBus, ConfigurationError
from reading_club.domain.messages import RegisterBook, RegisterReviewer
from reading_club.service.uow import AbstractUnitOfWork
from tests.memory.uow import InMemoryUnitOfWork


async def test_a_scan_that_finds_nothing_is_refused_at_the_start(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork
) -> None:
    bus = AsyncMessageBus()
    with pytest.raises(ConfigurationError, match=r"reading_club\.domain has no handler"):
        bus.scan("reading_club.domain")
        async with uow as transaction:
            await bus.handle(register_book_cmd, transaction)


async def test_a_handler_may_take_two_types_of_message(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork
) -> None:
    heard: list[str] = []

    async def note(cmd: RegisterBook | RegisterReviewer, uow: AbstractUnitOfWork) -> None:
        heard.append(type(cmd).__name__)

    bus = AsyncMessageBus()
    bus.add_listener(RegisterBook, note)
    bus.add_listener(RegisterReviewer, note)
    async with uow as transaction:
        await bus.handle(register_book_cmd, transaction)
        await bus.handle(RegisterReviewer(id=register_book_cmd.id, name="Ada"), transaction)
        await transaction.rollback()

    assert heard == ["RegisterBook", "RegisterReviewer"]
