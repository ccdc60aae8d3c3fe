"""Reviewers in memory."""

from uuid import UUID

from result import Err, Ok

from reading_club.domain.model import Reviewer
from reading_club.service.repositories import (
    AbstractReviewerRepository,
    ReviewerRepositoryError,
    ReviewerRepositoryOperationResult,
    ReviewerRepositoryResult,
)
from tests.memory.rows import Rows


class InMemoryReviewerRepository(AbstractReviewerRepository):
    def __init__(self) -> None:
        super().__init__()
        self.rows = Rows[UUID, Reviewer]()

    async def add(self, model: Reviewer) -> ReviewerRepositoryOperationResult:
        names = {reviewer.name for reviewer in self.rows.kept.values()}
        if model.id in self.rows.kept or model.name in names:
            return Err(ReviewerRepositoryError.integrity_error)
        self.rows.save(model.id, model)
        self.seen.append(model)
        return Ok(...)

    async def by_name(self, name: str) -> ReviewerRepositoryResult:
        ids = {reviewer.name: reviewer.id for reviewer in self.rows.kept.values()}
        reviewer = self.rows.load(ids[name]) if name in ids else None
        if reviewer is None:
            return Err(ReviewerRepositoryError.not_found)
        self.seen.append(reviewer)
        return Ok(reviewer)
