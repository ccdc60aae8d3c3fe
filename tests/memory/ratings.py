"""Ratings in memory."""

from uuid import UUID

from result import Err, Ok

from reading_club.domain.model import Rating
from reading_club.service.repositories import (
    AbstractRatingRepository,
    RatingRepositoryError,
    RatingRepositoryOperationResult,
)
from tests.memory.rows import Rows


class InMemoryRatingRepository(AbstractRatingRepository):
    def __init__(self) -> None:
        super().__init__()
        self.rows = Rows[UUID, Rating]()

    async def by_book(self, book_id: UUID) -> Rating:
        rating = self.rows.load_or(book_id, Rating(book_id=book_id))
        self.seen.append(rating)
        return rating

    async def save(self, model: Rating) -> RatingRepositoryOperationResult:
        kept = self.rows.kept.get(model.book_id, Rating(book_id=model.book_id))
        if kept.version != model.version:
            return Err(RatingRepositoryError.concurrency_error)
        model.version += 1
        self.rows.save(model.book_id, model)
        self.seen.append(model)
        return Ok(...)
