"""The club's repositories over SQL; each statement is built once."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from result import Err, Ok
from sqlalchemy.dialects.sqlite import insert

from messagebus.adapters.sqlalchemy import SqlSession
from reading_club.adapters import tables
from reading_club.domain.isbn import isbn_13
from reading_club.domain.model import Book, Rating, Review, Reviewer
from reading_club.service.repositories import (
    AbstractBookRepository,
    AbstractRatingRepository,
    AbstractReviewerRepository,
    AbstractReviewRepository,
    BookRepositoryError,
    BookRepositoryOperationResult,
    BookRepositoryResult,
    ReviewerRepositoryError,
    ReviewerRepositoryOperationResult,
    ReviewerRepositoryResult,
    ReviewError,
    ReviewOperationResult,
)

_add_book = insert(tables.books).on_conflict_do_nothing()
_add_reviewer = insert(tables.reviewers).on_conflict_do_nothing()
_add_review = insert(tables.reviews).on_conflict_do_nothing()
_save_rating = insert(tables.ratings)
_save_rating = _save_rating.on_conflict_do_update(
    index_elements=["book_id"],
    set_={"reviews": _save_rating.excluded.reviews, "total": _save_rating.excluded.total},
)

_book_columns = [tables.books.c[name] for name in Book.model_fields]
_book_by_id = sa.select(*_book_columns).where(tables.books.c.id == sa.bindparam("id"))
_reviewer_by_name = sa.select(tables.reviewers).where(
    tables.reviewers.c.name == sa.bindparam("name")
)
_rating_by_book = sa.select(tables.ratings).where(
    tables.ratings.c.book_id == sa.bindparam("book_id")
)


def _added(connection: sa.Connection, statement: sa.Insert, row: Mapping[str, Any]) -> bool:
    return connection.execute(statement, row).rowcount == 1


def _found(
    connection: sa.Connection, query: sa.Select[Any], values: Mapping[str, Any]
) -> sa.RowMapping | None:
    return connection.execute(query, values).mappings().one_or_none()


class SqlBookRepository(AbstractBookRepository):
    """Books in a table that takes each ISBN once, however it is typed."""

    def __init__(self, session: SqlSession) -> None:
        super().__init__()
        self._session = session

    async def add(self, model: Book) -> BookRepositoryOperationResult:
        """Insert the book, unless its id or its ISBN is taken."""
        row = {**model.model_dump(), "isbn_13": isbn_13(model.isbn)}
        if not await self._session.run(_added, _add_book, row):
            return Err(BookRepositoryError.integrity_error)
        self.seen.append(model)
        return Ok(...)

    async def by_id(self, id: UUID) -> BookRepositoryResult:
        """Load the book of that id."""
        row = await self._session.run(_found, _book_by_id, {"id": id})
        if row is None:
            return Err(BookRepositoryError.not_found)
        book = Book(**row)
        self.seen.append(book)
        return Ok(book)


class SqlReviewerRepository(AbstractReviewerRepository):
    """Reviewers in a table that takes each name once."""

    def __init__(self, session: SqlSession) -> None:
        super().__init__()
        self._session = session

    async def add(self, model: Reviewer) -> ReviewerRepositoryOperationResult:
        """Insert the reviewer, unless the id or the name is taken."""
        if not await self._session.run(_added, _add_reviewer, model.model_dump()):
            return Err(ReviewerRepositoryError.integrity_error)
        self.seen.append(model)
        return Ok(...)

    async def by_name(self, name: str) -> ReviewerRepositoryResult:
        """Load the reviewer of that name."""
        row = await self._session.run(_found, _reviewer_by_name, {"name": name})
        if row is None:
            return Err(ReviewerRepositoryError.not_found)
        reviewer = Reviewer(**row)
        self.seen.append(reviewer)
        return Ok(reviewer)


class SqlReviewRepository(AbstractReviewRepository):
    """Reviews in a table that takes one for each book and reviewer."""

    def __init__(self, session: SqlSession) -> None:
        super().__init__()
        self._session = session

    async def add(self, model: Review) -> ReviewOperationResult:
        """Insert the review, unless that reviewer has reviewed that book."""
        if not await self._session.run(_added, _add_review, model.model_dump()):
            return Err(ReviewError.already_reviewed)
        self.seen.append(model)
        return Ok(...)


class SqlRatingRepository(AbstractRatingRepository):
    """Ratings in a table, one row for each reviewed book."""

    def __init__(self, session: SqlSession) -> None:
        super().__init__()
        self._session = session

    async def by_book(self, book_id: UUID) -> Rating:
        """Load the book's rating, or an empty one."""
        row = await self._session.run(_found, _rating_by_book, {"book_id": book_id})
        rating = Rating(book_id=book_id) if row is None else Rating(**row)
        self.seen.append(rating)
        return rating

    async def save(self, model: Rating) -> None:
        """Insert the rating, or put it in place of the one before."""
        await self._session.run(_added, _save_rating, model.model_dump())
        self.seen.append(model)
