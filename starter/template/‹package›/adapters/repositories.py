"""The application's repositories over SQL; each statement is built once."""

from uuid import UUID

import sqlalchemy as sa
from result import Err, Ok
from sqlalchemy.exc import IntegrityError

from messagebus.adapters.sqlalchemy import AsyncSqlSession
from messagebus.adapters.sqlalchemy.statements import added, found, insert_unless_taken
from ‹package›.adapters import tables
from ‹package›.domain.model import ‹Aggregate›
from ‹package›.domain.results import (
    ‹Aggregate›RepositoryError,
    ‹Aggregate›RepositoryOperationResult,
    ‹Aggregate›RepositoryResult,
)
from ‹package›.domain.typed import as_seen
from ‹package›.service.repositories import Abstract‹Aggregate›Repository

_add_‹aggregate› = insert_unless_taken(tables.‹aggregates›)
_‹aggregate›_by_id = sa.select(tables.‹aggregates›).where(
    tables.‹aggregates›.c.id == sa.bindparam("id")
)
_‹aggregate›_by_name = (
    sa.select(tables.‹aggregates›)
    .where(tables.‹aggregates›.c.name.in_([sa.bindparam("name"), sa.bindparam("seen")]))
    .order_by((tables.‹aggregates›.c.name == sa.bindparam("name")).desc())
    .limit(1)
)
_update_‹aggregate› = (
    tables.‹aggregates›.update()
    .where(
        tables.‹aggregates›.c.id == sa.bindparam("of"),
        tables.‹aggregates›.c.version == sa.bindparam("loaded"),
    )
    .values({name: sa.bindparam(name) for name in ("name", "version")})
)


def _save(
    connection: sa.Connection, ‹aggregate›: ‹Aggregate›
) -> ‹Aggregate›RepositoryOperationResult:
    values = ‹aggregate›.model_dump(exclude={"id"})
    values |= {"of": ‹aggregate›.id, "loaded": ‹aggregate›.version, "version": ‹aggregate›.version + 1}
    try:
        with connection.begin_nested():
            replaced = connection.execute(_update_‹aggregate›, values).rowcount == 1
    except IntegrityError:
        return Err(‹Aggregate›RepositoryError.integrity_error)
    return Ok(...) if replaced else Err(‹Aggregate›RepositoryError.concurrency_error)


class Sql‹Aggregate›Repository(Abstract‹Aggregate›Repository):
    """‹Words› in a table that takes each name once."""

    def __init__(self, session: AsyncSqlSession) -> None:
        super().__init__()
        self._session = session

    async def add(self, model: ‹Aggregate›) -> ‹Aggregate›RepositoryOperationResult:
        """Insert the ‹word›, unless the id or the name is taken."""
        if not await self._session.run(added, _add_‹aggregate›, model.model_dump()):
            return Err(‹Aggregate›RepositoryError.integrity_error)
        self.seen.append(self._session.models.put(model.id, model))
        return Ok(...)

    async def by_id(self, id: UUID) -> ‹Aggregate›RepositoryResult:
        """Load the ‹word› of that id."""
        return self._loaded(await self._session.run(found, _‹aggregate›_by_id, {"id": id}))

    async def by_name(self, name: str) -> ‹Aggregate›RepositoryResult:
        """Load the ‹word› of exactly that name, or else the one whose name looks like it."""
        values = {"name": name, "seen": as_seen(name)}
        return self._loaded(await self._session.run(found, _‹aggregate›_by_name, values))

    async def save(self, model: ‹Aggregate›) -> ‹Aggregate›RepositoryOperationResult:
        """Update the row, if it has the version that was loaded and no other has the name."""
        operation = await self._session.run(_save, model)
        if operation.is_ok():
            model.version += 1
            self.seen.append(self._session.models.put(model.id, model))
        return operation

    def _loaded(self, row: sa.RowMapping | None) -> ‹Aggregate›RepositoryResult:
        if row is None:
            return Err(‹Aggregate›RepositoryError.not_found)
        ‹aggregate› = self._session.models.one(row["id"], ‹Aggregate›(**row))
        self.seen.append(‹aggregate›)
        return Ok(‹aggregate›)
