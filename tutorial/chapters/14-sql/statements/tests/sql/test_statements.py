"""A function of a connection may take any number of statements."""

import sqlalchemy as sa
from lastuuid.dummies import uuidgen

from messagebus.adapters.sqlalchemy import AsyncSqlDatabase
from reading_club.adapters.tables import books
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.domain.model import Book

DDD = Book(id=uuidgen(1), isbn="0321125215", title="Domain Driven Design", author="Eric Evans")


def authors(connection: sa.Connection, at_least: int) -> tuple[list[str], int]:
    """The authors of at least that many books, and the number of all books."""
    many = sa.func.count() >= at_least
    found = connection.scalars(sa.select(books.c.author).group_by(books.c.author).having(many))
    total = connection.scalar(sa.select(sa.func.count()).select_from(books))
    return list(found), total or 0


async def test_one_call_runs_two_queries(each_database: AsyncSqlDatabase) -> None:
    async with ClubUnitOfWork(each_database) as transaction:
        await transaction.books.add(DDD)
        assert await transaction.session.run(authors, at_least=1) == (["Eric Evans"], 1)
        await transaction.rollback()
