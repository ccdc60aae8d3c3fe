"""Reviews in memory."""

from uuid import UUID

from result import Err, Ok

from reading_club.domain.model import Review
from reading_club.service.repositories import (
    AbstractReviewRepository,
    ReviewChangeError,
    ReviewChangeResult,
    ReviewError,
    ReviewOperationResult,
    ReviewResult,
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

    async def by_id(self, id: UUID) -> ReviewResult:
        for key, kept in self.rows.kept.items():
            if kept.id == id and (review := self.rows.load(key)):
                self.seen.append(review)
                return Ok(review)
        return Err(ReviewChangeError.not_found)

    async def save(self, model: Review) -> ReviewChangeResult:
        if not self._is_kept(model):
            return Err(ReviewChangeError.not_found)
        self.rows.save((model.book_id, model.reviewer_id), model)
        self.seen.append(model)
        return Ok(...)

    async def remove(self, model: Review) -> ReviewChangeResult:
        if not self._is_kept(model):
            return Err(ReviewChangeError.not_found)
        self.rows.remove((model.book_id, model.reviewer_id))
        self.seen.append(model)
        return Ok(...)

    def _is_kept(self, model: Review) -> bool:
        kept = self.rows.kept.get((model.book_id, model.reviewer_id))
        return kept is not None and kept.id == model.id
