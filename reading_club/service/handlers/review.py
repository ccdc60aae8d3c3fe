"""Reviewing books, and changing a review."""

from result import Err, Ok

from messagebus import async_listen
from reading_club.domain.messages import (
    BookReviewed,
    ReviewBook,
    ReviewRevised,
    ReviewWithdrawn,
    ReviseReview,
    WithdrawReview,
)
from reading_club.domain.model import Review
from reading_club.service.repositories import (
    ReviewChangeError,
    ReviewChangeResult,
    ReviewError,
    ReviewOperationResult,
    ReviewResult,
)
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


@async_listen
async def revise_review(cmd: ReviseReview, uow: AbstractUnitOfWork) -> ReviewResult:
    """Keep the reviewer's new stars and comment in place of those before."""
    found = await _review_to_change(cmd, uow)
    if isinstance(found, Err):
        return found
    review = found.ok_value
    revised = review.revised(cmd.rating, cmd.comment)
    operation = await uow.reviews.save(revised)
    if isinstance(operation, Err):
        return operation
    event = ReviewRevised(previous_rating=review.rating, **revised.model_dump())
    revised.messages.append(event)
    return Ok(revised)


@async_listen
async def withdraw_review(cmd: WithdrawReview, uow: AbstractUnitOfWork) -> ReviewChangeResult:
    """Keep the reviewer's review no longer."""
    found = await _review_to_change(cmd, uow)
    if isinstance(found, Err):
        return found
    review = found.ok_value
    operation = await uow.reviews.remove(review)
    if operation.is_ok():
        event = ReviewWithdrawn(previous_rating=review.rating, **review.model_dump())
        review.messages.append(event)
    return operation


async def _review_to_change(
    cmd: ReviseReview | WithdrawReview, uow: AbstractUnitOfWork
) -> ReviewResult:
    """The review, if it is there, the reviewer's own, and of the version that is expected."""
    found = await uow.reviews.by_id(cmd.id)
    if isinstance(found, Err):
        return found
    reviewer = await uow.reviewers.by_name(cmd.reviewer)
    if isinstance(reviewer, Err) or reviewer.ok_value.id != found.ok_value.reviewer_id:
        return Err(ReviewChangeError.not_the_reviewer)
    if cmd.expected_version not in (None, found.ok_value.version):
        return Err(ReviewChangeError.stale_version)
    return found
