import pytest
from lastuuid.dummies import uuidgen
from result import Ok

from messagebus import TransactionError
from reading_club.domain.model import Book
from tests.memory.one_at_a_time import OneAtATime
from tests.memory.uow import InMemoryUnitOfWork

DDD = Book(id=uuidgen(1), isbn="0321125215", title="Domain Driven Design", author="Eric Evans")


async def test_an_inner_block_decides_for_the_outer_one(uow: InMemoryUnitOfWork) -> None:
    async with uow as outer:
        await outer.books.add(DDD)
        async with uow as inner:
            await inner.commit()

    assert await uow.books.by_id(DDD.id) == Ok(DDD)


async def test_the_second_entry_is_refused_and_the_first_goes_on() -> None:
    uow = OneAtATime()
    async with uow as outer:
        await outer.books.add(DDD)
        with pytest.raises(TransactionError, match="OneAtATime is in a transaction already"):
            async with uow:
                pass
        await outer.commit()

    assert await uow.books.by_id(DDD.id) == Ok(DDD)
