"""The ports of the newsletter, and its unit of work."""

from abc import ABC, abstractmethod
from uuid import UUID

from messagebus import AsyncAbstractRepository, AsyncAbstractUnitOfWork
from newsletter.domain.model import Letter


class AbstractLetterRepository(AsyncAbstractRepository[Letter]):
    """The letters that were written."""

    @abstractmethod
    async def add(self, letter: Letter) -> None:
        """Store a letter, unless there is one about its book."""


class AbstractRanking(ABC):
    """The sums of each book's ratings, as a read model that can be built anew."""

    @abstractmethod
    async def name(self, book_id: UUID, title: str) -> None:
        """Give a book its title."""

    @abstractmethod
    async def count(self, book_id: UUID, *, reviews: int, stars: int) -> None:
        """Add to the number of a book's reviews and to the sum of their ratings."""


class AbstractUnitOfWork(AsyncAbstractUnitOfWork):
    """One transaction of the newsletter."""

    letters: AbstractLetterRepository
    ranking: AbstractRanking
