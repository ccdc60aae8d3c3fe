"""Books in memory."""

from uuid import UUID

from result import Err, Ok

from reading_club.domain.isbn import isbn_13
from reading_club.domain.model import Book
from reading_club.service.repositories import (
    AbstractBookRepository,
    BookRepositoryError,
    BookRepositoryOperationResult,
    BookRepositoryResult,
)


class InMemoryBookRepository(AbstractBookRepository):
    """A dictionary with the rules of a table."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[UUID, Book] = {}

    async def add(self, model: Book) -> BookRepositoryOperationResult:
        isbns = {isbn_13(book.isbn) for book in self.rows.values()}
        if model.id in self.rows or isbn_13(model.isbn) in isbns:
            return Err(BookRepositoryError.integrity_error)
        self.rows[model.id] = model
        self.seen.append(model)
        return Ok(...)

    async def by_id(self, id: UUID) -> BookRepositoryResult:
        if id not in self.rows:
            return Err(BookRepositoryError.not_found)
        self.seen.append(self.rows[id])
        return Ok(self.rows[id])
