"""The club's repositories over SQL."""

from uuid import UUID

import sqlalchemy as sa
from result import Err, Ok

from messagebus.adapters.sqlalchemy import AsyncSqlSession
from messagebus.adapters.sqlalchemy.statements import added, found, insert_unless_taken
from reading_club.adapters import tables
from reading_club.domain.isbn import isbn_13
from reading_club.domain.model import Book
from reading_club.service.repositories import (
    AbstractBookRepository,
    BookRepositoryError,
    BookRepositoryOperationResult,
    BookRepositoryResult,
)

_add_book = insert_unless_taken(tables.books)

_book_columns = [tables.books.c[name] for name in Book.model_fields]
_book_by_id = sa.select(*_book_columns).where(tables.books.c.id == sa.bindparam("id"))


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
        self.seen.append(model)
        return Ok(...)

    async def by_id(self, id: UUID) -> BookRepositoryResult:
        """Load the book of that id."""
        row = await self._session.run(found, _book_by_id, {"id": id})
        if row is None:
            return Err(BookRepositoryError.not_found)
        book = Book(**row)
        self.seen.append(book)
        return Ok(book)
