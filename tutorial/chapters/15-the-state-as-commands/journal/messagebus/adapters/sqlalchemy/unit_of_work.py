"""Units of work on one database; a subclass sets repositories that use its `session`."""

from typing import Self

from messagebus.adapters.sqlalchemy.database import AsyncSqlDatabase
from messagebus.adapters.sqlalchemy.eventstore import AsyncSqlEventstoreRepository
from messagebus.adapters.sqlalchemy.tables import EventstoreTable
from messagebus.eventstream import AsyncEventstreamPublisher
from messagebus.unit_of_work import AsyncAbstractUnitOfWork


class AsyncSqlUnitOfWork(AsyncAbstractUnitOfWork):
    """Models and messages in one SQL transaction."""

    def __init__(
        self,
        database: AsyncSqlDatabase,
        table: EventstoreTable,
        publisher: AsyncEventstreamPublisher | None = None,
    ) -> None:
        self.session = database.session()
        self.journal = AsyncSqlEventstoreRepository(self.session, table, publisher)
        self.eventstore = self.journal

    async def __aenter__(self) -> Self:
        transaction = await super().__aenter__()
        self.session.enter()
        return transaction

    async def commit(self) -> None:
        """Make the changes last, and with them the messages."""
        await self.journal.commit()

    async def rollback(self) -> None:
        """Undo the changes and forget the messages."""
        await self.journal.rollback()
