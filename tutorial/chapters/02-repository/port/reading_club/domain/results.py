"""What the club answers: a value, or an error that is part of its language.

An unknown book is no accident, so it is returned, not raised.
"""

from enum import Enum
from types import EllipsisType

from result import Result

from reading_club.domain.model import Book


class BookRepositoryError(Enum):
    """Why a book was not found or not added."""

    not_found = "not_found"
    integrity_error = "integrity_error"


BookRepositoryResult = Result[Book, BookRepositoryError]
BookRepositoryOperationResult = Result[EllipsisType, BookRepositoryError]
