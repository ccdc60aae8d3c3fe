"""Looking books up by what people know of them, as a port beside the repositories."""

from abc import abstractmethod
from collections.abc import Collection, Mapping

from messagebus import AsyncAbstractRepository
from reading_club.domain.model import Book
from reading_club.domain.results import BookRepositoryResult


class AbstractCatalogue(AsyncAbstractRepository[Book]):
    """Every book, found by its ISBN."""

    @abstractmethod
    async def by_isbn(self, isbn: str) -> BookRepositoryResult:
        """The book of that ISBN, however either was typed, or `not_found`."""

    @abstractmethod
    async def by_isbns(self, isbns: Collection[str]) -> Mapping[str, Book]:
        """Those of the books that are known, by their thirteen digits."""
