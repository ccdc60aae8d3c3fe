"""Books as lines of JSON text, the way a file would hold them."""

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


class JsonBookRepository(AbstractBookRepository):
    """Each look-up reads all lines; each book that comes out is a new one."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    async def add(self, model: Book) -> BookRepositoryOperationResult:
        for book in self._books():
            if book.id == model.id or isbn_13(book.isbn) == isbn_13(model.isbn):
                return Err(BookRepositoryError.integrity_error)
        self.lines.append(model.model_dump_json())
        self.seen.append(model)
        return Ok(...)

    async def by_id(self, id: UUID) -> BookRepositoryResult:
        for book in self._books():
            if book.id == id:
                self.seen.append(book)
                return Ok(book)
        return Err(BookRepositoryError.not_found)

    def _books(self) -> list[Book]:
        return [Book.model_validate_json(line) for line in self.lines]
