"""Reviews that change: the rating of their book follows."""

from lastuuid.dummies import uuidgen
from result import Err

from messagebus import AsyncMessageBus
from reading_club.domain.messages import ReviewBook, ReviseReview, WithdrawReview
from reading_club.domain.results import ReviewChangeError
from reading_club.service.uow import AbstractUnitOfWork
from tests.sql.season import DDD, SEASON, play

PRAISE, DOUBT = SEASON[4].id, SEASON[5].id


async def rating(uow: AbstractUnitOfWork) -> tuple[int, float | None]:
    async with uow as transaction:
        book, _ = await transaction.catalogue.shelf()
        await transaction.rollback()
    return book.reviews, book.rating


async def test_the_rating_follows_a_revision(
    each_uow: AbstractUnitOfWork, bus: AsyncMessageBus
) -> None:
    revision = ReviseReview(id=PRAISE, reviewer="Ann", rating=5, comment="Not a third time.")
    await play([*SEASON, revision], each_uow, bus)
    assert await rating(each_uow) == (2, 5.5)


async def test_the_rating_follows_withdrawals_and_a_new_review(
    each_uow: AbstractUnitOfWork, bus: AsyncMessageBus
) -> None:
    withdrawals = (
        WithdrawReview(id=PRAISE, reviewer="Ann"),
        WithdrawReview(id=DOUBT, reviewer="Bob"),
    )
    await play([*SEASON, *withdrawals], each_uow, bus)
    assert await rating(each_uow) == (0, None)
    anew = ReviewBook(id=uuidgen(7), isbn=DDD, reviewer="Ann", rating=8, comment="After all.")
    await play([anew], each_uow, bus)
    assert await rating(each_uow) == (1, 8.0)


async def test_a_review_is_changed_by_its_reviewer_alone(
    each_uow: AbstractUnitOfWork, bus: AsyncMessageBus
) -> None:
    await play(SEASON, each_uow, bus)
    async with each_uow as transaction:
        by_bob = await bus.handle(WithdrawReview(id=PRAISE, reviewer="Bob"), transaction)
        unknown = await bus.handle(WithdrawReview(id=uuidgen(9), reviewer="Bob"), transaction)
        await transaction.commit()
    assert by_bob == Err(ReviewChangeError.not_the_reviewer)
    assert unknown == Err(ReviewChangeError.not_found)
    assert await rating(each_uow) == (2, 7.5)
