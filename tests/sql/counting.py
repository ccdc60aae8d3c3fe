"""Concurrent counting: each count adds a version of a rating, and an event with that version.

As a program, `python -m tests.sql.counting URL TIMES`, it is one of several processes.
"""

import asyncio
import sys
from collections.abc import Sequence
from itertools import cycle, islice
from uuid import UUID

import sqlalchemy as sa
from lastuuid import uuid7
from lastuuid.dummies import uuidgen
from stdnum.ean import calc_check_digit

from messagebus.adapters.sqlalchemy import AsyncSqlDatabase, open_database
from reading_club.adapters.tables import eventstore, ratings
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.bootstrap import ReadingClub
from reading_club.config import Settings
from reading_club.domain.messages import BookReviewed
from reading_club.domain.model import Book
from reading_club.service.uow import StaleModelError

BOOKS = [uuidgen(number) for number in range(1, 11)]


async def keep_books(database: AsyncSqlDatabase) -> None:
    async with ClubUnitOfWork(database) as transaction:
        for number, id_ in enumerate(BOOKS):
            stem = f"978000000{number:03}"
            isbn = stem + calc_check_digit(stem)
            await transaction.books.add(Book(id=id_, isbn=isbn, title="A title", author="A. U."))
        await transaction.commit()


async def count(club: ReadingClub, times: int) -> None:
    """Count on one book after the other, and again after a conflict."""
    for book in islice(cycle(BOOKS), times):

        async def count_once(transaction: ClubUnitOfWork, book: UUID = book) -> None:
            rating = (await transaction.ratings.by_book(book)).with_review(1)
            if (await transaction.ratings.save(rating)).is_err():
                raise StaleModelError(rating)
            counted = BookReviewed(
                id=uuid7(), book_id=book, reviewer_id=book, rating=rating.version, comment=""
            )
            await transaction.eventstore.add(counted)
            await transaction.commit()

        await club.run(count_once)


def counted(connection: sa.Connection) -> Sequence[tuple[int, Sequence[int]]]:
    """The number of counts of each book, and the versions of its events in order."""
    columns = eventstore.table.c
    query = sa.select(columns.payload).order_by(columns.position)
    found: list[tuple[int, Sequence[int]]] = []
    for rating in connection.execute(sa.select(ratings)):
        told = connection.scalars(query.where(columns.stream_key == str(rating.book_id)))
        events = [BookReviewed.model_validate_json(payload) for payload in told]
        found.append((rating.reviews, [event.rating for event in events]))
    return found


async def main(url: str, times: int) -> None:
    database = open_database(url)
    await count(ReadingClub(database, Settings()), times)
    await database.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
