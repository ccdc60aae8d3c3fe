"""The club's repositories over SQL."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from result import Err, Ok

from messagebus.adapters.sqlalchemy import AsyncSqlSession
from reading_club.adapters import tables
from reading_club.domain.isbn import isbn_13
from reading_club.domain.model import Book
from reading_club.service.repositories import (
    AbstractBookRepository,
    BookRepositoryError,
    BookRepositoryOperationResult,
    BookRepositoryResult,
)

_book_columns = [tables.books.c[name] for name in Book.model_fields]
_book_by_id = sa.select(*_book_columns).where(tables.books.c.id == sa.bindparam("id"))


def _insert(connection: sa.Connection, row: Mapping[str, Any]) -> None:
    connection.execute(tables.books.insert(), row)


def _load(connection: sa.Connection, id: UUID) -> Book | None:
    row = connection.execute(_book_by_id, {"id": id}).mappings().one_or_none()
    return None if row is None else Book(**row)


class SqlBookRepository(AbstractBookRepository):
    """Books in a table that takes each ISBN once, however it is typed."""

    def __init__(self, session: AsyncSqlSession) -> None:
        super().__init__()
        self._session = session

    async def add(self, model: Book) -> BookRepositoryOperationResult:
        """Insert the book."""
        row = {**model.model_dump(), "isbn_13": isbn_13(model.isbn)}
        await self._session.run(_insert, row)
        self.seen.append(model)
        return Ok(...)

    async def by_id(self, id: UUID) -> BookRepositoryResult:
        """Load the book of that id."""
        book = await self._session.run(_load, id)
        if book is None:
            return Err(BookRepositoryError.not_found)
        self.seen.append(book)
        return Ok(book)
