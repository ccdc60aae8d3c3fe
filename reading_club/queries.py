"""What people read of the club without changing it, as a port beside the unit of work."""

from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Sequence
from typing import NamedTuple
from uuid import UUID

from reading_club.domain.model import Reviewer
from reading_club.service.catalogue import ShelvedBook


class ShownReview(NamedTuple):
    """A review as people read it, with the version that a change of it names."""

    id: UUID
    isbn: str
    reviewer: str
    rating: int
    comment: str
    version: int


class AbstractQueries(ABC):
    """Reads of books, reviewers and reviews. Any number may run at once, each on its own."""

    @abstractmethod
    async def shelf(self) -> Sequence[ShelvedBook]:
        """All books with their ratings, in order of their ids."""

    @abstractmethod
    async def shelf_page(self, after: UUID | None, limit: int) -> Sequence[ShelvedBook]:
        """The books behind one, in order of their ids, or the first of all."""

    @abstractmethod
    async def shelved_book(self, id: UUID) -> ShelvedBook | None:
        """One book with its rating."""

    @abstractmethod
    async def reviewers_page(self, after: UUID | None, limit: int) -> Sequence[Reviewer]:
        """The reviewers behind one, in order of their ids, or the first of all."""

    async def reviewers(self) -> AsyncGenerator[Reviewer, None]:
        """All reviewers in order of their ids, read 500 at a time."""
        after: UUID | None = None
        while page := await self.reviewers_page(after, 500):
            for each in page:
                yield each
            after = page[-1].id

    @abstractmethod
    async def reviewer(self, id: UUID) -> Reviewer | None:
        """One reviewer."""

    @abstractmethod
    async def review(self, id: UUID) -> ShownReview | None:
        """One review, with its version."""

    @abstractmethod
    async def review_of_book(self, isbn: str, reviewer: str) -> ShownReview | None:
        """A reviewer's review of a book, by any form of the ISBN and a name that looks alike.

        Raises `ValueError` for a text that is no ISBN.
        """
