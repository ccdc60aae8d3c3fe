"""Two writers, one rating."""

from result import Err

from messagebus import AsyncMessageBus
from reading_club.domain.model import Rating
from reading_club.domain.results import RatingRepositoryError
from reading_club.service.uow import AbstractUnitOfWork
from tests.sql.season import SEASON, play


async def load(uow: AbstractUnitOfWork) -> Rating:
    async with uow as transaction:
        rating = await transaction.ratings.by_book(SEASON[0].id)
        await transaction.rollback()
    return rating


async def save(rating: Rating, uow: AbstractUnitOfWork) -> bool:
    async with uow as transaction:
        saved = await transaction.ratings.save(rating)
        await transaction.commit()
    return saved != Err(RatingRepositoryError.concurrency_error)


async def count(stars: int, at: Rating, uow: AbstractUnitOfWork) -> None:
    """Count a review into the rating that was looked at, or look again."""
    while not await save(at.with_review(stars), uow):
        at = await load(uow)


async def test_two_writers_count_two_reviews(
    each_uow: AbstractUnitOfWork, bus: AsyncMessageBus
) -> None:
    await play(SEASON[:1], each_uow, bus)
    ann, bob = await load(each_uow), await load(each_uow)
    await count(9, ann, each_uow)
    await count(6, bob, each_uow)
    assert (await load(each_uow)).reviews == 2
