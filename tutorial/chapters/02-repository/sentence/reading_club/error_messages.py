"""The club's answers as sentences."""

from result import Err, Ok

from reading_club.domain.results import BookRepositoryError, BookRepositoryOperationResult

ERROR_MESSAGES = {
    BookRepositoryError.integrity_error: "is registered already",
    BookRepositoryError.not_found: "is not on the shelf",
}


def sentence(title: str, operation: BookRepositoryOperationResult) -> str:
    """What somebody who registers a book is told."""
    match operation:
        case Ok(_):
            return f"{title} is on the shelf."
        case Err(error):
            return f"{title} {ERROR_MESSAGES[error]}."
