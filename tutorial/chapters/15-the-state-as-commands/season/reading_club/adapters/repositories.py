"""The club's repositories over SQL; each statement is built once."""

from uuid import UUID

import sqlalchemy as sa
from result import Err, Ok

from messagebus.adapters.sqlalchemy import AsyncSqlSession
from messagebus.adapters.sqlalchemy.statements import added, found, insert_unless_taken
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
    RatingRepositoryOperationResult,
    ReviewerRepositoryError,
    ReviewerRepositoryOperationResult,
    ReviewerRepositoryResult,
    ReviewError,
    ReviewOperationResult,
)

_add_book = insert_unless_taken(tables.books)
_add_reviewer = insert_unless_taken(tables.reviewers)
_add_review = insert_unless_taken(tables.reviews, ["book_id", "reviewer_id"])
_add_rating = insert_unless_taken(tables.ratings)
_update_rating = (
    tables.ratings.update()
    .where(tables.ratings.c.book_id == sa.bindparam("of_book"))
    .values({name: sa.bindparam(name) for name in ("reviews", "total")})
)

_book_columns = [tables.books.c[name] for name in Book.model_fields]
_book_by_id = sa.select(*_book_columns).where(tables.books.c.id == sa.bindparam("id"))
_reviewer_by_name = sa.select(tables.reviewers).where(
    tables.reviewers.c.name == sa.bindparam("name")
)
_rating_by_book = sa.select(tables.ratings).where(
    tables.ratings.c.book_id == sa.bindparam("book_id")
)


def _save(connection: sa.Connection, rating: Rating) -> None:
    values = {"reviews": rating.reviews, "total": rating.total}
    if not added(connection, _add_rating, {"book_id": rating.book_id, **values}):
        connection.execute(_update_rating, {"of_book": rating.book_id, **values})


class SqlBookRepository(AbstractBookRepository):
    """Books in a table that takes each ISBN once, however it is typed."""

    def __init__(self, session: AsyncSqlSession) -> None:
        super().__init__()
        self._session = session

    async def add(self, model: Book) -> BookRepositoryOperationResult:
        """Insert the book, unless its id or its ISBN is taken."""
        row = {**model.model_dump(), "isbn_13": isbn_13(model.isbn)}
        if not await self._session.run(added, _add_book, row):
            return Err(BookRepositoryError.integrity_error)
        self.seen.append(self._session.models.put(model.id, model))
        return Ok(...)

    async def by_id(self, id: UUID) -> BookRepositoryResult:
        """Load the book of that id."""
        row = await self._session.run(found, _book_by_id, {"id": id})
        if row is None:
            return Err(BookRepositoryError.not_found)
        book = self._session.models.one(id, Book(**row))
        self.seen.append(book)
        return Ok(book)


class SqlReviewerRepository(AbstractReviewerRepository):
    """Reviewers in a table that takes each name once."""

    def __init__(self, session: AsyncSqlSession) -> None:
        super().__init__()
        self._session = session

    async def add(self, model: Reviewer) -> ReviewerRepositoryOperationResult:
        """Insert the reviewer, unless the id or the name is taken."""
        if not await self._session.run(added, _add_reviewer, model.model_dump()):
            return Err(ReviewerRepositoryError.integrity_error)
        self.seen.append(self._session.models.put(model.id, model))
        return Ok(...)

    async def by_name(self, name: str) -> ReviewerRepositoryResult:
        """Load the reviewer of that name."""
        row = await self._session.run(found, _reviewer_by_name, {"name": name})
        if row is None:
            return Err(ReviewerRepositoryError.not_found)
        reviewer = self._session.models.one(row["id"], Reviewer(**row))
        self.seen.append(reviewer)
        return Ok(reviewer)


class SqlReviewRepository(AbstractReviewRepository):
    """Reviews in a table that takes one for each book and reviewer."""

    def __init__(self, session: AsyncSqlSession) -> None:
        super().__init__()
        self._session = session

    async def add(self, model: Review) -> ReviewOperationResult:
        """Insert the review, unless that reviewer has reviewed that book."""
        if not await self._session.run(added, _add_review, model.model_dump()):
            return Err(ReviewError.already_reviewed)
        self.seen.append(model)
        return Ok(...)


class SqlRatingRepository(AbstractRatingRepository):
    """Ratings in a table, one row for each reviewed book."""

    def __init__(self, session: AsyncSqlSession) -> None:
        super().__init__()
        self._session = session

    async def by_book(self, book_id: UUID) -> Rating:
        """Load the book's rating, or an empty one."""
        row = await self._session.run(found, _rating_by_book, {"book_id": book_id})
        loaded = Rating(book_id=book_id) if row is None else Rating(**row)
        rating = self._session.models.one(book_id, loaded)
        self.seen.append(rating)
        return rating

    async def save(self, model: Rating) -> RatingRepositoryOperationResult:
        """Put the rating in place of the one before."""
        await self._session.run(_save, model)
        self.seen.append(self._session.models.put(model.book_id, model))
        return Ok(...)
