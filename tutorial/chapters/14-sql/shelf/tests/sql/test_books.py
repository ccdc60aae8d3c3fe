"""The promises of the club's repository of books, over each storage."""

from lastuuid.dummies import uuidgen
from result import Ok

from reading_club.domain.model import Book
from reading_club.domain.results import BookRepositoryError
from reading_club.service.uow import AbstractUnitOfWork

DDD = Book(id=uuidgen(1), isbn="0-321-12521-5", title="Domain Driven Design", author="Eric Evans")


async def test_a_book_that_was_added_is_found(each_uow: AbstractUnitOfWork) -> None:
    async with each_uow as transaction:
        assert await transaction.books.add(DDD) == Ok(...)
        assert await transaction.books.by_id(DDD.id) == Ok(DDD)
        await transaction.commit()


async def test_a_book_that_was_never_added_is_not_found(each_uow: AbstractUnitOfWork) -> None:
    async with each_uow as transaction:
        book = await transaction.books.by_id(DDD.id)
        await transaction.rollback()
    assert book.unwrap_err() is BookRepositoryError.not_found
