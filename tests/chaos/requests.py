"""The writers' requests: a review, a revision of it or its withdrawal, whichever comes next."""

import random
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from lastuuid import uuid7
from lastuuid.dummies import uuidgen
from result import Result

from messagebus import Command
from messagebus.adapters.sqlalchemy import AsyncSqlDatabase
from reading_club.adapters.tables import books, reviewers, reviews
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.bootstrap import ReadingClub
from reading_club.domain.messages import ReviewBook, ReviseReview, WithdrawReview
from reading_club.domain.model import Reviewer
from tests.sql.counting import BOOKS

NAMES = ["Ada", "Bob", "Cid", "Dot"]
_review = (
    sa.select(reviews.c.id, reviews.c.version)
    .join(reviewers)
    .where(reviews.c.book_id == sa.bindparam("book"), reviewers.c.name == sa.bindparam("name"))
)
_isbn = sa.select(books.c.isbn).where(books.c.id == sa.bindparam("book"))


async def keep_reviewers(database: AsyncSqlDatabase) -> None:
    async with ClubUnitOfWork(database) as transaction:
        for number, name in enumerate(NAMES, 101):
            await transaction.reviewers.add(Reviewer(id=uuidgen(number), name=name))
        await transaction.commit()


def next_request(connection: sa.Connection, book: UUID, name: str) -> Command[Result[Any, Any]]:
    """This reviewer's next command about this book, after the commands that are committed."""
    found = connection.execute(_review, {"book": book, "name": name}).one_or_none()
    if found is None:
        isbn = connection.scalars(_isbn, {"book": book}).one()
        return ReviewBook(id=uuid7(), isbn=isbn, reviewer=name, rating=9, comment="")
    if found.version < 3:
        stars = 9 - found.version
        return ReviseReview(
            id=found.id,
            reviewer=name,
            rating=stars,
            comment="",
            expected_version=found.version,
        )
    return WithdrawReview(id=found.id, reviewer=name, expected_version=found.version)


async def ask(club: ReadingClub, times: int) -> None:
    """Have so many requests committed, each with one event; a refusal changes nothing."""
    done = 0
    while done < times:
        book, name = random.choice(BOOKS), random.choice(NAMES)

        async def request(transaction: ClubUnitOfWork, book: UUID = book, name: str = name) -> bool:
            command = await transaction.session.run(next_request, book, name)
            result = await club.bus.handle(command, transaction)
            await (transaction.commit() if result.is_ok() else transaction.rollback())
            return result.is_ok()

        done += await club.run(request)
