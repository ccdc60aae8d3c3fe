"""The unit of work in memory: what a rollback undoes is what came after the last commit."""

from messagebus import (
    AsyncAbstractEventstreamTransport,
    AsyncEventstreamPublisher,
    AsyncSinkholeEventstoreRepository,
)
from reading_club.service.uow import AbstractUnitOfWork
from tests.memory.books import InMemoryBookRepository


class InMemoryUnitOfWork(AbstractUnitOfWork):
    """A repository in memory, and an event store that keeps nothing but publishes."""

    def __init__(self, transport: AsyncAbstractEventstreamTransport) -> None:
        super().__init__()
        self.books = books = InMemoryBookRepository()
        self.eventstore = AsyncSinkholeEventstoreRepository(
            publisher=AsyncEventstreamPublisher(transport)
        )
        self._rows = books.rows

    async def commit(self) -> None:
        self._rows.commit()

    async def rollback(self) -> None:
        self._rows.rollback()
