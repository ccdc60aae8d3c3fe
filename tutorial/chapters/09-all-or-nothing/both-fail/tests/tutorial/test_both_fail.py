import pytest

from messagebus import AsyncMessageBus
from reading_club.domain.messages import BookRegistered, RegisterBook
from tests.memory.uow import InMemoryUnitOfWork
from tests.tutorial.letters import Letters
from tests.tutorial.test_a_hook_that_fails import JammedPrinter, label


class LostPost(Letters):
    async def on_after_commit(self) -> None:
        raise ConnectionError("the post office is closed")


async def test_a_commit_raises_both_errors(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork
) -> None:
    bus = AsyncMessageBus(printer=JammedPrinter, letters=LostPost)
    bus.scan("reading_club.service.handlers")
    bus.add_listener(BookRegistered, label)

    async with uow as transaction:
        await bus.handle(register_book_cmd, transaction)
        with pytest.raises(ExceptionGroup, match="2 steps failed after the commit") as raised:
            await transaction.commit()

    assert [type(error) for error in raised.value.exceptions] == [OSError, ConnectionError]
    assert (await uow.books.by_id(register_book_cmd.id)).is_ok()
