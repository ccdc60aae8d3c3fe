"""Reviewing books."""

from result import Err

from messagebus import async_listen
from reading_club.domain.messages import BookReviewed, ReviewBook
from reading_club.domain.model import Review
from reading_club.service.repositories import ReviewError, ReviewOperationResult
from reading_club.service.uow import AbstractUnitOfWork


@async_listen
async def review_book(cmd: ReviewBook, uow: AbstractUnitOfWork) -> ReviewOperationResult:
    """Keep what a known reviewer says of a known book, once."""
    book = await uow.catalogue.by_isbn(cmd.isbn)
    if isinstance(book, Err):
        return Err(ReviewError.unknown_book)
    reviewer = await uow.reviewers.by_name(cmd.reviewer)
    if isinstance(reviewer, Err):
        return Err(ReviewError.unknown_reviewer)

    review = Review(
        id=cmd.id,
        book_id=book.ok_value.id,
        reviewer_id=reviewer.ok_value.id,
        rating=cmd.rating,
        comment=cmd.comment,
    )
    operation = await uow.reviews.add(review)
    if operation.is_ok():
        review.messages.append(BookReviewed(**review.model_dump()))
    return operation
