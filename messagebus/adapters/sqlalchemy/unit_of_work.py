"""Units of work on one database; a subclass sets repositories that use its `session`."""

from types import TracebackType
from typing import Self

from messagebus.adapters.sqlalchemy.cancellation import raise_cancellation
from messagebus.adapters.sqlalchemy.database import AsyncSqlDatabase, SyncSqlDatabase
from messagebus.adapters.sqlalchemy.eventstore import (
    AsyncSqlEventstoreRepository,
    SyncSqlEventstoreRepository,
)
from messagebus.adapters.sqlalchemy.tables import EventstoreTable
from messagebus.eventstream import AsyncEventstreamPublisher, SyncEventstreamPublisher
from messagebus.unit_of_work import AsyncAbstractUnitOfWork, SyncAbstractUnitOfWork


class AsyncSqlUnitOfWork(AsyncAbstractUnitOfWork):
    """Models and messages in one SQL transaction, which the unit of work commits.

    With `read_only` it doesn't wait for a writer, and the database rejects changes.
    """

    def __init__(
        self,
        database: AsyncSqlDatabase,
        table: EventstoreTable,
        publisher: AsyncEventstreamPublisher | None = None,
        *,
        read_only: bool = False,
    ) -> None:
        self.session = database.session(read_only=read_only)
        self.journal = AsyncSqlEventstoreRepository(self.session, table, publisher)
        self.eventstore = self.journal

    async def __aenter__(self) -> Self:
        transaction = await super().__aenter__()
        self.session.enter()
        return transaction

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await super().__aexit__(exc_type, exc, traceback)
        finally:
            await raise_cancellation()

    async def commit(self) -> None:
        """Commit the models' changes and the messages."""
        await self.session.commit(self.journal.insertion)
        self.journal.clear()

    async def rollback(self) -> None:
        """Undo the changes and forget the messages."""
        self.journal.clear()
        await self.session.rollback()


class SyncSqlUnitOfWork(SyncAbstractUnitOfWork):
    """Models and messages in one SQL transaction: the sync variant."""

    def __init__(
        self,
        database: SyncSqlDatabase,
        table: EventstoreTable,
        publisher: SyncEventstreamPublisher | None = None,
        *,
        read_only: bool = False,
    ) -> None:
        self.session = database.session(read_only=read_only)
        self.journal = SyncSqlEventstoreRepository(self.session, table, publisher)
        self.eventstore = self.journal

    def __enter__(self) -> Self:
        transaction = super().__enter__()
        self.session.enter()
        return transaction

    def commit(self) -> None:
        """Commit the models' changes and the messages."""
        self.session.commit(self.journal.insertion)
        self.journal.clear()

    def rollback(self) -> None:
        """Undo the changes and forget the messages."""
        self.journal.clear()
        self.session.rollback()
