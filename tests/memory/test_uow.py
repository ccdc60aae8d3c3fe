import pytest
from lastuuid.dummies import uuidgen
from result import Ok

from messagebus import TransactionError
from reading_club.domain.model import Book
from tests.memory.uow import InMemoryUnitOfWork

DDD = Book(id=uuidgen(1), isbn="0321125215", title="Domain Driven Design", author="Eric Evans")


async def test_a_committed_book_stays(uow: InMemoryUnitOfWork) -> None:
    async with uow as transaction:
        await transaction.books.add(DDD)
        await transaction.commit()

    assert await uow.books.by_id(DDD.id) == Ok(DDD)


async def test_a_rolled_back_book_is_gone(uow: InMemoryUnitOfWork) -> None:
    async with uow as transaction:
        await transaction.books.add(DDD)
        await transaction.rollback()

    assert (await uow.books.by_id(DDD.id)).is_err()


async def test_an_exception_rolls_back(uow: InMemoryUnitOfWork) -> None:
    with pytest.raises(ZeroDivisionError):
        async with uow as transaction:
            await transaction.books.add(DDD)
            _ = 1 // 0

    assert (await uow.books.by_id(DDD.id)).is_err()


async def test_a_block_without_a_decision_is_an_error_and_rolled_back(
    uow: InMemoryUnitOfWork,
) -> None:
    with pytest.raises(TransactionError, match="without commit or rollback"):
        async with uow as transaction:
            await transaction.books.add(DDD)

    assert (await uow.books.by_id(DDD.id)).is_err()
