"""Keeping the ratings up to date."""

from messagebus import async_listen
from reading_club.domain.messages import BookReviewed
from reading_club.service.uow import AbstractUnitOfWork, StaleModelError


@async_listen
async def count_review(event: BookReviewed, uow: AbstractUnitOfWork) -> None:
    """Count a review into its book's rating, in the transaction that keeps the review.

    Raises `StaleModelError` where another transaction has counted one meanwhile.
    """
    rating = await uow.ratings.by_book(event.book_id)
    operation = await uow.ratings.save(rating.with_review(event.rating))
    if operation.is_err():
        raise StaleModelError(rating)
