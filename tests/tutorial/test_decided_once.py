from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus
from reading_club.domain.messages import RegisterBook, RegisterReviewer
from tests.memory.uow import InMemoryUnitOfWork
from tests.tutorial.error_text import error_text
from tests.tutorial.letters import Letters


async def test_a_command_after_the_commit_is_refused(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork, bus: AsyncMessageBus
) -> None:
    async with uow as transaction:
        await bus.handle(RegisterReviewer(id=uuidgen(2), name="Ada"), transaction)
        await transaction.commit()
        message = await error_text(bus.handle(register_book_cmd, transaction))

    assert (await uow.books.by_id(register_book_cmd.id)).is_err()
    assert "handle on a transaction that is committed" in message


async def test_a_rollback_after_the_commit_is_refused(
    register_book_cmd: RegisterBook,
    uow: InMemoryUnitOfWork,
    thankful_bus: AsyncMessageBus,
    letters: Letters,
) -> None:
    async with uow as transaction:
        await thankful_bus.handle(register_book_cmd, transaction)
        await transaction.commit()
        message = await error_text(transaction.rollback())

    assert letters.sent == ["your book is on the shelf"]
    assert "rollback on a transaction that is committed" in message
