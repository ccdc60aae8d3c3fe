"""The unit of work in memory: what a rollback undoes is what came after the last commit."""

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
    """Repositories in memory, and an event store that keeps nothing but publishes."""

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
        self._tables = (books.rows, reviewers.rows, reviews.rows, ratings.rows)

    async def commit(self) -> None:
        for rows in self._tables:
            rows.commit()

    async def rollback(self) -> None:
        for rows in self._tables:
            rows.rollback()
