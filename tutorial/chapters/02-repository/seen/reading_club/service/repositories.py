"""Where the club's models are kept, as ports: the service knows no storage.

What a repository adds or loads it also puts into `seen`, where the bus collects messages.
"""

from abc import abstractmethod
from uuid import UUID

from messagebus import AsyncAbstractRepository
from reading_club.domain.model import Book
from reading_club.domain.results import (
    BookRepositoryError,
    BookRepositoryOperationResult,
    BookRepositoryResult,
)

__all__ = [
    "AbstractBookRepository",
    "BookRepositoryError",
    "BookRepositoryOperationResult",
    "BookRepositoryResult",
]


class AbstractBookRepository(AsyncAbstractRepository[Book]):
    """The books, one by one."""

    @abstractmethod
    async def add(self, model: Book) -> BookRepositoryOperationResult:
        """Keep a book; `integrity_error` if its id or its ISBN is taken."""

    @abstractmethod
    async def by_id(self, id: UUID) -> BookRepositoryResult:
        """The book of that id, or `not_found`."""
