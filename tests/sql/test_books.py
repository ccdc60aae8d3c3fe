"""The promises of the club's repository of books, over each storage."""

import pytest
from lastuuid.dummies import uuidgen
from result import Ok

from reading_club.domain.model import Book
from reading_club.domain.results import BookRepositoryError
from reading_club.service.uow import AbstractUnitOfWork

DDD = Book(id=uuidgen(1), isbn="0-321-12521-5", title="Domain Driven Design", author="Eric Evans")
CLEAN = Book(id=uuidgen(2), isbn="9780132350884", title="Clean Code", author="R. C. Martin")


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


@pytest.mark.parametrize(
    "conflicting",
    [
        DDD.model_copy(update={"isbn": "978-0-13-475759-9"}),
        DDD.model_copy(update={"id": uuidgen(9)}),
        DDD.model_copy(update={"id": uuidgen(9), "isbn": "9780321125217"}),
    ],
    ids=["id", "isbn", "digits"],
)
async def test_a_book_is_added_once_and_the_transaction_goes_on(
    each_uow: AbstractUnitOfWork, conflicting: Book
) -> None:
    async with each_uow as transaction:
        await transaction.books.add(DDD)
        refused = await transaction.books.add(conflicting)
        await transaction.books.add(CLEAN)
        await transaction.commit()
    async with each_uow as transaction:
        kept = await transaction.books.by_id(DDD.id)
        later = await transaction.books.by_id(CLEAN.id)
        await transaction.rollback()
    assert refused.unwrap_err() is BookRepositoryError.integrity_error
    assert (kept, later) == (Ok(DDD), Ok(CLEAN))


async def test_a_rolled_back_book_is_gone(each_uow: AbstractUnitOfWork) -> None:
    async with each_uow as transaction:
        await transaction.books.add(DDD)
        await transaction.rollback()
    async with each_uow as transaction:
        book = await transaction.books.by_id(DDD.id)
        await transaction.rollback()
    assert book.is_err()
