"""A session of SQLAlchemy's ORM on the unit of work's connection."""

from uuid import UUID

import sqlalchemy as sa
from lastuuid.dummies import uuidgen
from sqlalchemy.orm import DeclarativeBase, Mapped, Session

from messagebus.adapters.sqlalchemy import AsyncSqlDatabase
from reading_club.adapters.tables import books
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.domain.model import Book

DDD = Book(id=uuidgen(1), isbn="0321125215", title="Domain Driven Design", author="Eric Evans")


class Base(DeclarativeBase):
    pass


class BookRow(Base):
    __table__ = books
    id: Mapped[UUID]
    title: Mapped[str]


def rename(connection: sa.Connection, title: str) -> None:
    with Session(bind=connection, join_transaction_mode="rollback_only") as session:
        session.get_one(BookRow, DDD.id).title = title
        session.flush()


async def test_an_orm_session_joins_the_transaction(each_database: AsyncSqlDatabase) -> None:
    async with ClubUnitOfWork(each_database) as transaction:
        await transaction.books.add(DDD)
        await transaction.session.run(rename, "DDD")
        title = await transaction.session.run(sa.Connection.scalar, sa.select(books.c.title))
        assert title == "DDD"
        await transaction.commit()
