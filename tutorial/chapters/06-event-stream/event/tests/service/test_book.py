from lastuuid.dummies import uuidgen

from reading_club.domain.messages import BookRegistered, RegisterBook
from reading_club.domain.model import Book
from reading_club.service.handlers.book import register_book
from reading_club.service.repositories import BookRepositoryError
from tests.memory.uow import InMemoryUnitOfWork

DDD = Book(
    id=uuidgen(1),
    isbn="0-321-12521-5",
    title="Domain Driven Design",
    author="Eric Evans",
)


async def test_the_handler_puts_the_book_on_the_shelf_and_says_so(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork
) -> None:
    await register_book(register_book_cmd, uow)

    book = (await uow.books.by_id(DDD.id)).unwrap()
    assert book == DDD
    assert book.messages == [BookRegistered(**DDD.model_dump())]


async def test_a_known_book_is_an_error_of_the_result(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork
) -> None:
    async with uow as transaction:
        await register_book(register_book_cmd, transaction)
        operation = await register_book(register_book_cmd, transaction)
        await transaction.commit()

    assert operation.unwrap_err() is BookRepositoryError.integrity_error
