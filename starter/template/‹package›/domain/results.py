"""What the application answers: a value, or an error that is part of its language.

A name that is taken is no accident, so it is returned, not raised.
"""

from enum import Enum
from types import EllipsisType

from result import Result

from ‹package›.domain.model import ‹Aggregate›


class ‹Aggregate›RepositoryError(Enum):
    """Why ‹a_word› was not found, not added or not changed."""

    not_found = "not_found"
    integrity_error = "integrity_error"
    concurrency_error = "concurrency_error"
    stale_version = "stale_version"


‹Aggregate›RepositoryResult = Result[‹Aggregate›, ‹Aggregate›RepositoryError]
‹Aggregate›RepositoryOperationResult = Result[EllipsisType, ‹Aggregate›RepositoryError]
