from lastuuid.dummies import uuidgen

from reading_club.domain.model import Book
from tests.memory.uow import InMemoryUnitOfWork

DDD = Book(id=uuidgen(1), isbn="0321125215", title="Domain Driven Design", author="Eric Evans")


async def test_an_unsaved_change_is_lost_at_the_commit(uow: InMemoryUnitOfWork) -> None:
    async with uow as transaction:
        added = DDD.model_copy()
        await transaction.books.add(added)
        await transaction.commit()
    async with uow as transaction:
        book = (await transaction.books.by_id(DDD.id)).unwrap()
        book.title = added.title = "Domain Driven Desing"
        await transaction.commit()

    assert (await uow.books.by_id(DDD.id)).unwrap().title == "Domain Driven Design"


async def test_a_change_is_undone_by_a_rollback(uow: InMemoryUnitOfWork) -> None:
    async with uow as transaction:
        await transaction.books.add(DDD.model_copy())
        await transaction.commit()
    async with uow as transaction:
        book = (await transaction.books.by_id(DDD.id)).unwrap()
        book.title = "Domain Driven Desing"
        await transaction.rollback()

    assert (await uow.books.by_id(DDD.id)).unwrap().title == "Domain Driven Design"


async def test_two_loads_in_one_transaction_are_one_book(uow: InMemoryUnitOfWork) -> None:
    async with uow as transaction:
        added = DDD.model_copy()
        await transaction.books.add(added)
        assert (await transaction.books.by_id(DDD.id)).unwrap() is added
        await transaction.commit()
    async with uow as transaction:
        book = (await transaction.books.by_id(DDD.id)).unwrap()
        assert book is not added
        assert (await transaction.books.by_id(DDD.id)).unwrap() is book
        await transaction.rollback()
