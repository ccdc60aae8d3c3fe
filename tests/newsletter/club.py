"""What members do in the club, and the ledger that the newsletter must agree with."""

from collections.abc import Mapping
from itertools import count
from uuid import UUID

import sqlalchemy as sa
from lastuuid import uuid7
from stdnum.ean import calc_check_digit

from newsletter.adapters.queries import best_books
from newsletter.bootstrap import Newsletter
from reading_club.adapters.tables import ratings
from reading_club.bootstrap import ReadingClub
from reading_club.domain.messages import (
    RegisterBook,
    RegisterReviewer,
    ReviewBook,
)

NUMBERS = count()


async def register(club: ReadingClub, title: str) -> RegisterBook:
    digits = f"978{next(NUMBERS):09}"
    isbn = digits + calc_check_digit(digits)
    command = RegisterBook(id=uuid7(), isbn=isbn, title=title, author="A. Author")
    (await club.handle(command)).unwrap()
    return command


async def reviewer(club: ReadingClub, name: str) -> str:
    (await club.handle(RegisterReviewer(id=uuid7(), name=name))).unwrap()
    return name


async def review(club: ReadingClub, book: RegisterBook, by: str, stars: int) -> UUID:
    command = ReviewBook(id=uuid7(), isbn=book.isbn, reviewer=by, rating=stars, comment="Read.")
    (await club.handle(command)).unwrap()
    return command.id


async def publish(club: ReadingClub) -> None:
    await club.relay().drain()


async def ledger(club: ReadingClub) -> Mapping[UUID, tuple[int, int]]:
    """The number of reviews and the sum of the stars of each reviewed book, as the club has it."""
    query = sa.select(ratings).where(ratings.c.reviews > 0)

    def read(connection: sa.Connection) -> Mapping[UUID, tuple[int, int]]:
        rows = connection.execute(query)
        return {row.book_id: (row.reviews, row.total) for row in rows}

    return await club.database.run(read, read_only=True)


async def shown(newsletter: Newsletter) -> Mapping[UUID, tuple[int, int]]:
    """The same, as the newsletter shows it."""
    found = await best_books(newsletter.database)
    return {each.book_id: (each.reviews, each.total) for each in found}
