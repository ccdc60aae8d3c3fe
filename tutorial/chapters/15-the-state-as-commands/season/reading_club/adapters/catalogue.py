"""The catalogue over SQL."""

from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa
from result import Err, Ok

from messagebus.adapters.sqlalchemy import AsyncSqlSession
from reading_club.adapters.tables import books, ratings
from reading_club.domain.isbn import isbn_13
from reading_club.domain.model import Book
from reading_club.service.catalogue import AbstractCatalogue, ShelvedBook
from reading_club.service.repositories import BookRepositoryError, BookRepositoryResult

_by_isbns = sa.select(books).where(books.c.isbn_13.in_(sa.bindparam("isbns", expanding=True)))

SHELF = (
    sa.select(
        books.c.id,
        books.c.isbn,
        books.c.title,
        books.c.author,
        sa.func.coalesce(ratings.c.reviews, 0).label("reviews"),
        (sa.cast(ratings.c.total, sa.Float) / ratings.c.reviews).label("rating"),
    )
    .outerjoin_from(books, ratings)
    .order_by(books.c.id)
)
"""All books with their ratings, in order of their ids."""


def _load_books(connection: sa.Connection, isbns: Collection[str]) -> Mapping[str, Book]:
    rows = connection.execute(_by_isbns, {"isbns": list(isbns)})
    return {
        row.isbn_13: Book(id=row.id, isbn=row.isbn, title=row.title, author=row.author)
        for row in rows
    }


def _load_shelf(connection: sa.Connection) -> Sequence[ShelvedBook]:
    return [ShelvedBook(**row) for row in connection.execute(SHELF).mappings()]


class SqlCatalogue(AbstractCatalogue):
    """Queries over all books at once."""

    def __init__(self, session: AsyncSqlSession) -> None:
        super().__init__()
        self._session = session

    async def by_isbn(self, isbn: str) -> BookRepositoryResult:
        """Load the book of that ISBN, however either was typed."""
        for book in (await self.by_isbns([isbn])).values():
            return Ok(book)
        return Err(BookRepositoryError.not_found)

    async def by_isbns(self, isbns: Collection[str]) -> Mapping[str, Book]:
        """Load those of the books that are known, in one query."""
        loaded = await self._session.run(_load_books, {isbn_13(isbn) for isbn in isbns})
        one = self._session.models.one
        found = {isbn: one(book.id, book) for isbn, book in loaded.items()}
        self.seen.extend(found.values())
        return found

    async def shelf(self) -> Sequence[ShelvedBook]:
        """Load all books with their ratings."""
        return await self._session.run(_load_shelf)
