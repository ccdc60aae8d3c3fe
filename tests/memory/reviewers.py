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


class InMemoryReviewerRepository(AbstractReviewerRepository):
    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[UUID, Reviewer] = {}

    async def add(self, model: Reviewer) -> ReviewerRepositoryOperationResult:
        names = {reviewer.name for reviewer in self.rows.values()}
        if model.id in self.rows or model.name in names:
            return Err(ReviewerRepositoryError.integrity_error)
        self.rows[model.id] = model
        self.seen.append(model)
        return Ok(...)

    async def by_name(self, name: str) -> ReviewerRepositoryResult:
        for reviewer in self.rows.values():
            if reviewer.name == name:
                self.seen.append(reviewer)
                return Ok(reviewer)
        return Err(ReviewerRepositoryError.not_found)
