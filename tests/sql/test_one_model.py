"""A row that a transaction loads twice is one model."""

from lastuuid.dummies import uuidgen

from reading_club.domain.model import Book
from reading_club.service.uow import AbstractUnitOfWork

DDD = Book(id=uuidgen(1), isbn="0-321-12521-5", title="Domain Driven Design", author="Eric Evans")


async def test_a_second_look_up_sees_the_first_one_s_change(each_uow: AbstractUnitOfWork) -> None:
    async with each_uow as transaction:
        await transaction.books.add(DDD.model_copy())
        book = (await transaction.books.by_id(DDD.id)).unwrap()
        book.title = "Domain-Driven Design"
        again = (await transaction.books.by_id(DDD.id)).unwrap()
        await transaction.rollback()
    assert again.title == "Domain-Driven Design"
