"""Keeping the ratings up to date."""

from messagebus import async_listen
from reading_club.domain.messages import BookReviewed
from reading_club.service.uow import AbstractUnitOfWork


@async_listen
async def count_review(event: BookReviewed, uow: AbstractUnitOfWork) -> None:
    """Count a review into its book's rating, in the transaction that keeps the review."""
    rating = await uow.ratings.by_book(event.book_id)
    await uow.ratings.save(rating.with_review(event.rating))
