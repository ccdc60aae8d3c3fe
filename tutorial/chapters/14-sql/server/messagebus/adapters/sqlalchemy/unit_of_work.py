"""Units of work on one database; a subclass sets repositories that use its `session`."""

from messagebus.adapters.sqlalchemy.database import AsyncSqlDatabase
from messagebus.unit_of_work import AsyncAbstractUnitOfWork


class AsyncSqlUnitOfWork(AsyncAbstractUnitOfWork):
    """Models in one SQL transaction."""

    def __init__(self, database: AsyncSqlDatabase) -> None:
        self.session = database.session()

    async def commit(self) -> None:
        """Make the changes last."""
        await self.session.commit()

    async def rollback(self) -> None:
        """Undo the changes."""
        await self.session.rollback()
