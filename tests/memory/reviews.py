"""Reviewers, reviews and ratings in memory."""

from uuid import UUID

from result import Err, Ok

from reading_club.domain.model import Rating, Review, Reviewer
from reading_club.service.repositories import (
    AbstractRatingRepository,
    AbstractReviewerRepository,
    AbstractReviewRepository,
    RatingRepositoryError,
    RatingRepositoryOperationResult,
    ReviewerRepositoryError,
    ReviewerRepositoryOperationResult,
    ReviewerRepositoryResult,
    ReviewError,
    ReviewOperationResult,
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


class InMemoryReviewRepository(AbstractReviewRepository):
    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[tuple[UUID, UUID], Review] = {}

    async def add(self, model: Review) -> ReviewOperationResult:
        key = model.book_id, model.reviewer_id
        if key in self.rows:
            return Err(ReviewError.already_reviewed)
        self.rows[key] = model
        self.seen.append(model)
        return Ok(...)


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
