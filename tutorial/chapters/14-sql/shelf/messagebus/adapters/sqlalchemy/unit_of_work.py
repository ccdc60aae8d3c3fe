"""Units of work on one database; a subclass sets repositories that use its `session`."""

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy.session import AsyncSqlSession
from messagebus.unit_of_work import AsyncAbstractUnitOfWork


class AsyncSqlUnitOfWork(AsyncAbstractUnitOfWork):
    """Models in one SQL transaction."""

    def __init__(self, engine: sa.Engine) -> None:
        self.session = AsyncSqlSession(engine)

    async def commit(self) -> None:
        """Make the changes last."""
        await self.session.commit()

    async def rollback(self) -> None:
        """Undo the changes."""
        await self.session.rollback()
