"""The unit of work in memory: what a rollback undoes is what came after the last commit."""

from reading_club.service.uow import AbstractUnitOfWork
from tests.memory.books import InMemoryBookRepository


class InMemoryUnitOfWork(AbstractUnitOfWork):
    """A repository in memory, whose rows know what was committed."""

    def __init__(self) -> None:
        super().__init__()
        self.books = books = InMemoryBookRepository()
        self._rows = books.rows

    async def commit(self) -> None:
        self._rows.commit()

    async def rollback(self) -> None:
        self._rows.rollback()
