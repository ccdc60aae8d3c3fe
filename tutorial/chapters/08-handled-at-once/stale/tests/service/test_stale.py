import pytest
from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus
from reading_club.domain.model import Rating
from reading_club.service.repositories import RatingRepositoryError
from reading_club.service.uow import StaleModelError
from tests.memory.uow import InMemoryUnitOfWork
from tests.service.conftest import review


async def test_a_rating_that_was_saved_meanwhile_is_refused(
    reviewed_club: InMemoryUnitOfWork,
) -> None:
    old = Rating(book_id=uuidgen(1), reviews=3, total=20)
    operation = await reviewed_club.ratings.save(old)
    assert operation.unwrap_err() is RatingRepositoryError.concurrency_error


async def test_the_review_is_then_not_kept_either(
    reviewed_club: InMemoryUnitOfWork,
    bus: AsyncMessageBus,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def from_last_week(book_id: object) -> Rating:
        return Rating(book_id=uuidgen(1), reviews=0, total=0)

    monkeypatch.setattr(reviewed_club.ratings, "by_book", from_last_week)
    with pytest.raises(StaleModelError, match="run the unit of work again"):
        async with reviewed_club as transaction:
            await bus.handle(review("Bob", 6), transaction)
            await transaction.commit()
