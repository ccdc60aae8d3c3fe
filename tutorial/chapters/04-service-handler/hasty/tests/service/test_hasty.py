from reading_club.domain.messages import RegisterBook
from reading_club.service.handlers.book import register_book
from reading_club.service.repositories import BookRepositoryOperationResult
from reading_club.service.uow import AbstractUnitOfWork
from tests.memory.uow import InMemoryUnitOfWork


async def register_book_hastily(
    cmd: RegisterBook, uow: AbstractUnitOfWork
) -> BookRepositoryOperationResult:
    operation = await register_book(cmd, uow)
    await uow.commit()
    return operation


async def test_the_caller_cannot_take_back_what_a_hasty_handler_did(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork
) -> None:
    async with uow as transaction:
        await register_book_hastily(register_book_cmd, transaction)
        await transaction.rollback()

    assert (await uow.books.by_id(register_book_cmd.id)).is_ok()
