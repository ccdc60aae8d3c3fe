"""Keeping the ratings up to date."""

from messagebus import async_listen
from reading_club.domain.messages import BookReviewed, ReviewRevised, ReviewWithdrawn
from reading_club.domain.model import Rating
from reading_club.service.uow import AbstractUnitOfWork, StaleModelError


@async_listen
async def count_review(event: BookReviewed, uow: AbstractUnitOfWork) -> None:
    """Count a review into its book's rating, in the transaction that keeps the review.

    Raises `StaleModelError` where another transaction has counted one meanwhile.
    """
    rating = await uow.ratings.by_book(event.book_id)
    await _save(rating.with_review(event.rating), uow)


@async_listen
async def count_revision(event: ReviewRevised, uow: AbstractUnitOfWork) -> None:
    """Count a review's new stars in place of those before, as `count_review` does."""
    rating = await uow.ratings.by_book(event.book_id)
    await _save(rating.with_revision(event.previous_rating, event.rating), uow)


@async_listen
async def count_withdrawal(event: ReviewWithdrawn, uow: AbstractUnitOfWork) -> None:
    """Count a review no longer, as `count_review` does."""
    rating = await uow.ratings.by_book(event.book_id)
    await _save(rating.without_review(event.previous_rating), uow)


async def _save(rating: Rating, uow: AbstractUnitOfWork) -> None:
    operation = await uow.ratings.save(rating)
    if operation.is_err():
        raise StaleModelError(rating)
