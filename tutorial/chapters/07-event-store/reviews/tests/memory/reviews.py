"""Reviews in memory."""

from uuid import UUID

from result import Err, Ok

from reading_club.domain.model import Review
from reading_club.service.repositories import (
    AbstractReviewRepository,
    ReviewError,
    ReviewOperationResult,
)
from tests.memory.rows import Rows


class InMemoryReviewRepository(AbstractReviewRepository):
    def __init__(self) -> None:
        super().__init__()
        self.rows = Rows[tuple[UUID, UUID], Review]()

    async def add(self, model: Review) -> ReviewOperationResult:
        key = model.book_id, model.reviewer_id
        if key in self.rows.kept:
            return Err(ReviewError.already_reviewed)
        self.rows.save(key, model)
        self.seen.append(model)
        return Ok(...)
