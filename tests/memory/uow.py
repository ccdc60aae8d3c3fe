"""The unit of work in memory: what a rollback undoes is what came after the last commit."""

from collections.abc import Sequence
from typing import Any

from messagebus import (
    AsyncAbstractEventstreamTransport,
    AsyncEventstreamPublisher,
    AsyncSinkholeEventstoreRepository,
)
from reading_club.service.uow import AbstractUnitOfWork
from tests.memory.books import InMemoryBookRepository
from tests.memory.catalogue import InMemoryCatalogue
from tests.memory.ratings import InMemoryRatingRepository
from tests.memory.reviewers import InMemoryReviewerRepository
from tests.memory.reviews import InMemoryReviewRepository


class InMemoryUnitOfWork(AbstractUnitOfWork):
    """Repositories of dictionaries, and an event store that keeps nothing but publishes."""

    def __init__(self, transport: AsyncAbstractEventstreamTransport) -> None:
        super().__init__()
        self.books = books = InMemoryBookRepository()
        self.reviewers = reviewers = InMemoryReviewerRepository()
        self.reviews = reviews = InMemoryReviewRepository()
        self.ratings = ratings = InMemoryRatingRepository()
        self.catalogue = InMemoryCatalogue(books, ratings)
        self.eventstore = AsyncSinkholeEventstoreRepository(
            publisher=AsyncEventstreamPublisher(transport)
        )
        tables = (books.rows, reviewers.rows, reviews.rows, ratings.rows)
        self._tables: Sequence[dict[Any, Any]] = tables
        self._committed = [dict(rows) for rows in self._tables]

    async def commit(self) -> None:
        self._committed = [dict(rows) for rows in self._tables]

    async def rollback(self) -> None:
        for rows, committed in zip(self._tables, self._committed, strict=True):
            rows.clear()
            rows.update(committed)
