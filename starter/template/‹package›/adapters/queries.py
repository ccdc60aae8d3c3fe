"""The queries over SQL: each reads in a transaction of its own, on a read-only connection."""

from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy import AsyncSqlDatabase
from ‹package›.adapters.tables import ‹aggregates›
from ‹package›.domain.model import ‹Aggregate›
from ‹package›.queries import AbstractQueries

T = TypeVar("T")
BEFORE_ALL = UUID(int=0)

_page = (
    sa.select(‹aggregates›)
    .where(‹aggregates›.c.id > sa.bindparam("after"))
    .order_by(‹aggregates›.c.id)
    .limit(sa.bindparam("limit"))
)
_by_id = sa.select(‹aggregates›).where(‹aggregates›.c.id == sa.bindparam("id"))


class SqlQueries(AbstractQueries):
    """The queries of the application, on its database."""

    def __init__(self, database: AsyncSqlDatabase) -> None:
        self._database = database

    async def ‹aggregates›_page(self, after: UUID | None, limit: int) -> Sequence[‹Aggregate›]:
        """Load the ‹words› behind one, or the first of all."""
        return await self._all(‹Aggregate›, _page, after=after or BEFORE_ALL, limit=limit)

    async def ‹aggregate›(self, id: UUID) -> ‹Aggregate› | None:
        """Load one ‹word›."""
        return next(iter(await self._all(‹Aggregate›, _by_id, id=id)), None)

    async def _all(
        self, model: Callable[..., T], query: sa.Executable, **values: object
    ) -> Sequence[T]:
        def read(connection: sa.Connection) -> Sequence[T]:
            return [model(**row) for row in connection.execute(query, values).mappings()]

        return await self._database.run(read, read_only=True)
