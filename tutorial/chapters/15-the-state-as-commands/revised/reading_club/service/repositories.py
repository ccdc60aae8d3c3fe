"""Where the club's models are kept, as ports: the service knows no storage.

What a repository adds or loads it also puts into `seen`, where the bus collects messages.
"""

from abc import abstractmethod
from uuid import UUID

from messagebus import AsyncAbstractRepository
from reading_club.domain.model import Book, Rating, Review, Reviewer
from reading_club.domain.results import (
    BookRepositoryError,
    BookRepositoryOperationResult,
    BookRepositoryResult,
    RatingRepositoryError,
    RatingRepositoryOperationResult,
    ReviewChangeError,
    ReviewChangeResult,
    ReviewerRepositoryError,
    ReviewerRepositoryOperationResult,
    ReviewerRepositoryResult,
    ReviewError,
    ReviewOperationResult,
    ReviewResult,
)

__all__ = [
    "AbstractBookRepository",
    "AbstractRatingRepository",
    "AbstractReviewRepository",
    "AbstractReviewerRepository",
    "BookRepositoryError",
    "BookRepositoryOperationResult",
    "BookRepositoryResult",
    "RatingRepositoryError",
    "RatingRepositoryOperationResult",
    "ReviewChangeError",
    "ReviewChangeResult",
    "ReviewError",
    "ReviewOperationResult",
    "ReviewResult",
    "ReviewerRepositoryError",
    "ReviewerRepositoryOperationResult",
    "ReviewerRepositoryResult",
]


class AbstractBookRepository(AsyncAbstractRepository[Book]):
    """The books, one by one."""

    @abstractmethod
    async def add(self, model: Book) -> BookRepositoryOperationResult:
        """Keep a book; `integrity_error` if its id or its ISBN is taken."""

    @abstractmethod
    async def by_id(self, id: UUID) -> BookRepositoryResult:
        """The book of that id, or `not_found`."""


class AbstractReviewerRepository(AsyncAbstractRepository[Reviewer]):
    """Those who review books."""

    @abstractmethod
    async def add(self, model: Reviewer) -> ReviewerRepositoryOperationResult:
        """Keep a reviewer; `integrity_error` if the id or the name is taken."""

    @abstractmethod
    async def by_name(self, name: str) -> ReviewerRepositoryResult:
        """The reviewer of that name, or `not_found`."""


class AbstractReviewRepository(AsyncAbstractRepository[Review]):
    """What was said of the books."""

    @abstractmethod
    async def add(self, model: Review) -> ReviewOperationResult:
        """Keep a review; `already_reviewed` if that reviewer has reviewed that book."""

    @abstractmethod
    async def by_id(self, id: UUID) -> ReviewResult:
        """The review of that id, or `not_found`."""

    @abstractmethod
    async def save(self, model: Review) -> ReviewChangeResult:
        """Keep a review in place of the one before; `not_found` if there is none."""

    @abstractmethod
    async def remove(self, model: Review) -> ReviewChangeResult:
        """Keep a review no longer; `not_found` if there is none."""


class AbstractRatingRepository(AsyncAbstractRepository[Rating]):
    """The sum of the reviews, book by book."""

    @abstractmethod
    async def by_book(self, book_id: UUID) -> Rating:
        """The rating of a book, which is empty before its first review."""

    @abstractmethod
    async def save(self, model: Rating) -> RatingRepositoryOperationResult:
        """Keep a rating in place of the one before; `concurrency_error` if that one is stale."""
