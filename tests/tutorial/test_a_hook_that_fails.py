import pytest

from messagebus import AsyncMessageBus
from reading_club.domain.messages import BookRegistered, RegisterBook
from reading_club.service.uow import AbstractUnitOfWork
from tests.memory.uow import InMemoryUnitOfWork
from tests.tutorial.letters import Letters


class JammedPrinter:
    """Prints a label for each new book, when it does."""

    async def on_after_commit(self) -> None:
        raise OSError("the printer is out of paper")

    async def on_after_rollback(self) -> None:
        raise OSError("the printer is out of ink")


async def label(
    event: BookRegistered, uow: AbstractUnitOfWork, printer: JammedPrinter, letters: Letters
) -> None:
    """Ask for a label first, then for a letter."""


@pytest.fixture
def bus(letters: Letters) -> AsyncMessageBus:
    bus = AsyncMessageBus(printer=JammedPrinter, letters=lambda: letters)
    bus.scan("reading_club.service.handlers")
    bus.add_listener(BookRegistered, label)
    return bus


async def test_a_hook_that_fails_keeps_no_other_from_running(
    register_book_cmd: RegisterBook,
    uow: InMemoryUnitOfWork,
    bus: AsyncMessageBus,
    letters: Letters,
) -> None:
    async with uow as transaction:
        await bus.handle(register_book_cmd, transaction)
        with pytest.raises(OSError, match="out of paper"):
            await transaction.commit()

    assert letters.sent == ["your book is on the shelf"]


async def test_a_hook_that_fails_does_not_hide_what_went_wrong(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork, bus: AsyncMessageBus
) -> None:
    with pytest.raises(ZeroDivisionError) as raised:
        async with uow as transaction:
            await bus.handle(register_book_cmd, transaction)
            _ = 1 // 0

    assert "out of ink" in raised.value.__notes__[0]
