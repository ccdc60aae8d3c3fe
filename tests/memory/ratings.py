"""Ratings in memory."""

from uuid import UUID

from result import Err, Ok

from reading_club.domain.model import Rating
from reading_club.service.repositories import (
    AbstractRatingRepository,
    RatingRepositoryError,
    RatingRepositoryOperationResult,
)


class InMemoryRatingRepository(AbstractRatingRepository):
    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[UUID, Rating] = {}

    async def by_book(self, book_id: UUID) -> Rating:
        rating = self.rows.get(book_id, Rating(book_id=book_id))
        self.seen.append(rating)
        return rating

    async def save(self, model: Rating) -> RatingRepositoryOperationResult:
        kept = self.rows.get(model.book_id, Rating(book_id=model.book_id))
        if kept.version != model.version:
            return Err(RatingRepositoryError.concurrency_error)
        model.version += 1
        self.rows[model.book_id] = model.model_copy()
        self.seen.append(model)
        return Ok(...)
