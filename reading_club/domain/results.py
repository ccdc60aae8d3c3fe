"""What the club answers: a value, or an error that is part of its language.

An unknown book or a second review is no accident, so it is returned, not raised.
"""

from enum import Enum
from types import EllipsisType

from result import Result

from reading_club.domain.model import Book, Review, Reviewer


class BookRepositoryError(Enum):
    """Why a book was not found or not added."""

    not_found = "not_found"
    integrity_error = "integrity_error"


BookRepositoryResult = Result[Book, BookRepositoryError]
BookRepositoryOperationResult = Result[EllipsisType, BookRepositoryError]


class ReviewerRepositoryError(Enum):
    """Why a reviewer was not found or not added."""

    not_found = "not_found"
    integrity_error = "integrity_error"


ReviewerRepositoryResult = Result[Reviewer, ReviewerRepositoryError]
ReviewerRepositoryOperationResult = Result[EllipsisType, ReviewerRepositoryError]


class ReviewError(Enum):
    """Why a review was refused."""

    unknown_book = "unknown_book"
    unknown_reviewer = "unknown_reviewer"
    already_reviewed = "already_reviewed"


ReviewOperationResult = Result[EllipsisType, ReviewError]


class ReviewChangeError(Enum):
    """Why a review was not found or not changed."""

    not_found = "not_found"
    not_the_reviewer = "not_the_reviewer"
    stale_version = "stale_version"


ReviewResult = Result[Review, ReviewChangeError]
ReviewChangeResult = Result[EllipsisType, ReviewChangeError]


class RatingRepositoryError(Enum):
    """Why a rating was not saved."""

    concurrency_error = "concurrency_error"


RatingRepositoryOperationResult = Result[EllipsisType, RatingRepositoryError]
