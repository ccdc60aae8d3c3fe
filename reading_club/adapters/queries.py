"""The queries over SQL: each reads in a transaction of its own, on a read-only connection."""

from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy import AsyncSqlDatabase
from reading_club.adapters.catalogue import SHELF
from reading_club.adapters.tables import books, reviewers, reviews
from reading_club.domain.isbn import isbn_13
from reading_club.domain.model import Reviewer
from reading_club.domain.typed import as_seen
from reading_club.queries import AbstractQueries, ShownReview
from reading_club.service.catalogue import ShelvedBook

T = TypeVar("T")
BEFORE_ALL = UUID(int=0)

_shelf_behind = SHELF.where(books.c.id > sa.bindparam("after")).limit(sa.bindparam("limit"))
_shelved_book = SHELF.where(books.c.id == sa.bindparam("id"))
_reviewers = sa.select(reviewers).order_by(reviewers.c.id)
_reviewers_behind = _reviewers.where(reviewers.c.id > sa.bindparam("after")).limit(
    sa.bindparam("limit")
)
_reviewer = _reviewers.where(reviewers.c.id == sa.bindparam("id"))
_reviews = (
    sa.select(
        reviews.c.id,
        books.c.isbn,
        reviewers.c.name.label("reviewer"),
        reviews.c.rating,
        reviews.c.comment,
        reviews.c.version,
    )
    .join_from(reviews, books)
    .join(reviewers)
)
_review = _reviews.where(reviews.c.id == sa.bindparam("id"))
_review_of_book = (
    _reviews.where(
        books.c.isbn_13 == sa.bindparam("isbn_13"),
        reviewers.c.name.in_([sa.bindparam("name"), sa.bindparam("seen")]),
    )
    .order_by((reviewers.c.name == sa.bindparam("name")).desc())
    .limit(1)
)


class SqlQueries(AbstractQueries):
    """The queries of the club, on its database."""

    def __init__(self, database: AsyncSqlDatabase) -> None:
        self._database = database

    async def shelf(self) -> Sequence[ShelvedBook]:
        """Load all books with their ratings."""
        return await self._all(ShelvedBook, SHELF)

    async def shelf_page(self, after: UUID | None, limit: int) -> Sequence[ShelvedBook]:
        """Load the books behind one, or the first of all."""
        return await self._all(ShelvedBook, _shelf_behind, after=after or BEFORE_ALL, limit=limit)

    async def shelved_book(self, id: UUID) -> ShelvedBook | None:
        """Load one book with its rating."""
        return await self._one(ShelvedBook, _shelved_book, id=id)

    async def reviewers_page(self, after: UUID | None, limit: int) -> Sequence[Reviewer]:
        """Load the reviewers behind one, or the first of all."""
        return await self._all(Reviewer, _reviewers_behind, after=after or BEFORE_ALL, limit=limit)

    async def reviewer(self, id: UUID) -> Reviewer | None:
        """Load one reviewer."""
        return await self._one(Reviewer, _reviewer, id=id)

    async def review(self, id: UUID) -> ShownReview | None:
        """Load one review."""
        return await self._one(ShownReview, _review, id=id)

    async def review_of_book(self, isbn: str, reviewer: str) -> ShownReview | None:
        """Load a reviewer's review of a book."""
        values = {"isbn_13": isbn_13(isbn), "name": reviewer, "seen": as_seen(reviewer)}
        return await self._one(ShownReview, _review_of_book, **values)

    async def _all(
        self, model: Callable[..., T], query: sa.Executable, **values: object
    ) -> Sequence[T]:
        def read(connection: sa.Connection) -> Sequence[T]:
            return [model(**row) for row in connection.execute(query, values).mappings()]

        return await self._database.run(read, read_only=True)

    async def _one(
        self, model: Callable[..., T], query: sa.Executable, **values: object
    ) -> T | None:
        return next(iter(await self._all(model, query, **values)), None)


def names_alike(connection: sa.Connection) -> Sequence[tuple[Reviewer, Reviewer]]:
    """Each reviewer whose name is spelled as no command spells it now, and whom it looks like."""
    found = [Reviewer(**row) for row in connection.execute(_reviewers).mappings()]
    by_name = {each.name: each for each in found}
    seen = [(each, by_name.get(as_seen(each.name), each)) for each in found]
    return [(each, other) for each, other in seen if as_seen(each.name) != each.name]
