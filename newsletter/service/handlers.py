"""The reactions to the club's events."""

from datetime import UTC, datetime

from lastuuid import uuid7

from messagebus import async_listen
from newsletter.domain.messages import (
    BookRegistered,
    BookReviewed,
    ReviewRevised,
    ReviewWithdrawn,
)
from newsletter.domain.model import Letter
from newsletter.service.ports import AbstractUnitOfWork


@async_listen
async def write_letter(event: BookRegistered, uow: AbstractUnitOfWork) -> None:
    """Write one letter about a new book."""
    now = datetime.now(UTC)
    letter = Letter(id=uuid7(), book_id=event.id, title=event.title, written_at=now)
    await uow.letters.add(letter)


@async_listen
async def name_book(event: BookRegistered, uow: AbstractUnitOfWork) -> None:
    """Let the ranking know the book's title."""
    await uow.ranking.name(event.id, event.title)


@async_listen
async def count_review(event: BookReviewed, uow: AbstractUnitOfWork) -> None:
    """Count a review."""
    await uow.ranking.count(event.book_id, reviews=1, stars=event.rating)


@async_listen
async def count_revised_review(event: ReviewRevised, uow: AbstractUnitOfWork) -> None:
    """Count the new rating in place of the previous one."""
    change = event.rating - event.previous_rating
    await uow.ranking.count(event.book_id, reviews=0, stars=change)


@async_listen
async def discount_review(event: ReviewWithdrawn, uow: AbstractUnitOfWork) -> None:
    """Count a withdrawn review no longer."""
    await uow.ranking.count(event.book_id, reviews=-1, stars=-event.previous_rating)
