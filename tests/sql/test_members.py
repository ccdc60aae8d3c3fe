"""Twelve members at one book: `nox -s tests -- --all` plays more rounds."""

import asyncio
from collections.abc import AsyncGenerator
from functools import partial
from uuid import UUID

import pytest
import sqlalchemy as sa
from lastuuid import uuid7
from pydantic import SecretStr
from result import Result
from stdnum.ean import calc_check_digit

from messagebus import Command
from reading_club.adapters.tables import eventstore
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.bootstrap import ReadingClub, Settings, open_club
from reading_club.domain.messages import (
    BookReviewed,
    RegisterBook,
    RegisterReviewer,
    ReviewBook,
    ReviewRevised,
    ReviewWithdrawn,
    ReviseReview,
    WithdrawReview,
)
from tests.rounds import ROUNDS
from tests.sql.recount import kept, miscounted

MEMBERS = [f"Member {number}" for number in range(12)]
TIMEOUT = 10.0
"""Seconds within which a request succeeds, however many others ask."""


@pytest.fixture
async def club(each_url: str) -> AsyncGenerator[ReadingClub, None]:
    async with open_club(Settings(database_url=SecretStr(each_url))) as club:
        for name in MEMBERS:
            await ask(club, RegisterReviewer(id=uuid7(), name=name))
        yield club


async def ask(club: ReadingClub, command: Command[Result[object, object]]) -> None:
    """Have one request done as an entrypoint does, in time."""

    async def work(transaction: ClubUnitOfWork) -> None:
        result = await club.bus.handle(command, transaction)
        await transaction.commit()
        assert result.is_ok(), f"{command!r} was refused: {result}"

    async with asyncio.timeout(TIMEOUT):
        await club.run(work)


async def take_part(club: ReadingClub, member: int, isbn: str) -> None:
    """Review, revise, and by turns leave it at that, withdraw, or withdraw and review anew."""
    reviewer, review = MEMBERS[member], uuid7()
    stars = member % 10 + 1
    await ask(
        club, ReviewBook(id=review, isbn=isbn, reviewer=reviewer, rating=stars, comment="First.")
    )
    await ask(
        club,
        ReviseReview(
            id=review, reviewer=reviewer, rating=11 - stars, comment="Then.", expected_version=1
        ),
    )
    if member % 3:
        await ask(club, WithdrawReview(id=review, reviewer=reviewer, expected_version=2))
    if member % 3 == 2:
        anew = ReviewBook(id=uuid7(), isbn=isbn, reviewer=reviewer, rating=stars, comment="Last.")
        await ask(club, anew)


def told(connection: sa.Connection, book: UUID) -> tuple[int, int]:
    """A book's reviews and the sum of their stars, as a reader of the stream counts them."""
    columns = eventstore.table.c
    query = sa.select(columns.type, columns.payload).where(columns.stream_key == str(book))
    count = total = 0
    for type_, payload in connection.execute(query):
        match type_:
            case "book_reviewed_v1":
                reviewed = BookReviewed.model_validate_json(payload)
                count, total = count + 1, total + reviewed.rating
            case "review_revised_v1":
                revised = ReviewRevised.model_validate_json(payload)
                total += revised.rating - revised.previous_rating
            case "review_withdrawn_v1":
                withdrawn = ReviewWithdrawn.model_validate_json(payload)
                count, total = count - 1, total - withdrawn.previous_rating
            case _:
                pass
    return count, total


async def test_twelve_members_at_once_leave_the_rating_that_a_recount_gives(
    club: ReadingClub,
) -> None:
    for number in range(ROUNDS):
        stem = f"978000000{number:03}"
        isbn, book = stem + calc_check_digit(stem), uuid7()
        await ask(club, RegisterBook(id=book, isbn=isbn, title="A title", author="A. U."))
        await asyncio.gather(*(take_part(club, member, isbn) for member in range(len(MEMBERS))))
        found = (await club.database.run(kept))[book]
        assert found[0] == 8
        assert await club.database.run(miscounted) == []
        assert await club.database.run(partial(told, book=book)) == found
