"""What the entrypoints ask of the club without changing it."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from messagebus.relay import UndecodableMessageError
from reading_club.adapters import reading
from reading_club.adapters.reading import ShownReview
from reading_club.adapters.tables import eventstore
from reading_club.bootstrap import ReadingClub
from reading_club.domain.model import Reviewer
from reading_club.service.catalogue import ShelvedBook


async def shelf(club: ReadingClub) -> Sequence[ShelvedBook]:
    """All books with their ratings."""
    async with club.reader as transaction:
        books = await transaction.catalogue.shelf()
        await transaction.rollback()
    return books


async def shelf_page(club: ReadingClub, after: UUID | None, limit: int) -> Sequence[ShelvedBook]:
    """The books behind one, in order of their ids, or the first of all."""
    return await club.database.run(
        partial(reading.shelf_page, after=after, limit=limit), read_only=True
    )


async def shelved_book(club: ReadingClub, id: UUID) -> ShelvedBook | None:
    """One book with its rating."""
    return await club.database.run(partial(reading.shelved_book, id=id), read_only=True)


async def reviewers_page(club: ReadingClub, after: UUID | None, limit: int) -> Sequence[Reviewer]:
    """The reviewers behind one, in order of their ids, or the first of all."""
    return await club.database.run(
        partial(reading.reviewers_page, after=after, limit=limit), read_only=True
    )


async def reviewers(club: ReadingClub) -> AsyncGenerator[Reviewer, None]:
    """All reviewers, some hundred at a time."""
    after: UUID | None = None
    while page := await reviewers_page(club, after, 500):
        for each in page:
            yield each
        after = page[-1].id


async def reviewer(club: ReadingClub, id: UUID) -> Reviewer | None:
    """One reviewer."""
    return await club.database.run(partial(reading.reviewer, id=id), read_only=True)


async def review(club: ReadingClub, id: UUID) -> ShownReview | None:
    """One review, with its version."""
    return await club.database.run(partial(reading.review, id=id), read_only=True)


async def review_of_book(club: ReadingClub, isbn: str, reviewer: str) -> ShownReview | None:
    """What a reviewer says of a book. Raises `ValueError` for what is no ISBN."""
    return await club.database.run(
        partial(reading.review_of_book, isbn=isbn, reviewer=reviewer), read_only=True
    )


async def published(
    club: ReadingClub,
    last: int | None = None,
    undecodable: Callable[[UndecodableMessageError], object] | None = None,
) -> AsyncGenerator[Mapping[str, Any], None]:
    """What went to the stream in order of commit, or the last of it, some hundred at a time.

    A row that cannot be decoded is given to `undecodable` and passed over; without it, raised.
    """
    position = 0
    if last is not None:
        position = await club.database.run(partial(eventstore.before_last, last), read_only=True)
    while True:
        try:
            async with club.reader as transaction:
                stored = await transaction.messages.published(after=position)
                await transaction.rollback()
        except UndecodableMessageError as error:
            if undecodable is None:
                raise
            undecodable(error)
            position = error.position
            continue
        if not stored:
            return
        for _, envelope in stored:
            yield envelope
        position, _ = stored[-1]
