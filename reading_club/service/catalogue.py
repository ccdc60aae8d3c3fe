"""Looking books up by what people know of them, as a port beside the repositories."""

from abc import abstractmethod
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from pydantic import BaseModel

from messagebus import AsyncAbstractRepository
from reading_club.domain.model import Book
from reading_club.domain.results import BookRepositoryResult


class ShelvedBook(BaseModel):
    """A book as the shelf shows it; `rating` is the mean, `None` without reviews."""

    id: UUID
    isbn: str
    title: str
    author: str
    reviews: int
    rating: float | None


class AbstractCatalogue(AsyncAbstractRepository[Book]):
    """Every book, found by its ISBN or listed."""

    @abstractmethod
    async def by_isbn(self, isbn: str) -> BookRepositoryResult:
        """The book of that ISBN, however either was typed, or `not_found`."""

    @abstractmethod
    async def by_isbns(self, isbns: Collection[str]) -> Mapping[str, Book]:
        """Those of the books that are known, by their thirteen digits."""

    @abstractmethod
    async def shelf(self) -> Sequence[ShelvedBook]:
        """All books with their ratings, in order of their ids: UUIDv7 sorts by time."""
