"""‹Words› in memory."""

from uuid import UUID

from result import Err, Ok

from tests.memory.rows import Rows
from ‹package›.domain.model import ‹Aggregate›
from ‹package›.domain.results import (
    ‹Aggregate›RepositoryError,
    ‹Aggregate›RepositoryOperationResult,
    ‹Aggregate›RepositoryResult,
)
from ‹package›.domain.typed import as_seen
from ‹package›.service.repositories import Abstract‹Aggregate›Repository


class InMemory‹Aggregate›Repository(Abstract‹Aggregate›Repository):
    def __init__(self) -> None:
        super().__init__()
        self.rows = Rows[UUID, ‹Aggregate›]()

    async def add(self, model: ‹Aggregate›) -> ‹Aggregate›RepositoryOperationResult:
        if model.id in self.rows.kept or model.name in self._ids():
            return Err(‹Aggregate›RepositoryError.integrity_error)
        self.rows.save(model.id, model)
        self.seen.append(model)
        return Ok(...)

    async def by_id(self, id: UUID) -> ‹Aggregate›RepositoryResult:
        ‹aggregate› = self.rows.load(id)
        if ‹aggregate› is None:
            return Err(‹Aggregate›RepositoryError.not_found)
        self.seen.append(‹aggregate›)
        return Ok(‹aggregate›)

    async def by_name(self, name: str) -> ‹Aggregate›RepositoryResult:
        ids = self._ids()
        id = ids.get(name) or ids.get(as_seen(name))
        return await self.by_id(id) if id else Err(‹Aggregate›RepositoryError.not_found)

    async def save(self, model: ‹Aggregate›) -> ‹Aggregate›RepositoryOperationResult:
        kept = self.rows.kept.get(model.id)
        if kept is None or kept.version != model.version:
            return Err(‹Aggregate›RepositoryError.concurrency_error)
        if self._ids().get(model.name, model.id) != model.id:
            return Err(‹Aggregate›RepositoryError.integrity_error)
        model.version += 1
        self.rows.save(model.id, model)
        self.seen.append(model)
        return Ok(...)

    def _ids(self) -> dict[str, UUID]:
        return {each.name: each.id for each in self.rows.kept.values()}
