from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus
from tests.memory.uow import InMemoryUnitOfWork
from tests.service.conftest import review, shelf


async def test_a_review_is_counted_into_the_rating_of_its_book(
    reviewed_club: InMemoryUnitOfWork, bus: AsyncMessageBus
) -> None:
    async with reviewed_club as transaction:
        await bus.handle(review("Bob", 6), transaction)
        await transaction.commit()

    assert await shelf(reviewed_club) == [(uuidgen(1), 2, 7.5)]


async def test_the_rating_is_kept_in_the_transaction_of_the_review(
    reviewed_club: InMemoryUnitOfWork, bus: AsyncMessageBus
) -> None:
    async with reviewed_club as transaction:
        await bus.handle(review("Bob", 1), transaction)
        await transaction.rollback()

    assert await shelf(reviewed_club) == [(uuidgen(1), 1, 9.0)]
