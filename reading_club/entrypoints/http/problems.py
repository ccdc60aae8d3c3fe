"""What each error of the club's handlers is called in HTTP."""

from collections.abc import Mapping
from enum import Enum

from messagebus.adapters.fastapi.problems import Problems, ProblemType
from reading_club.domain.results import (
    BookRepositoryError,
    ReviewChangeError,
    ReviewerRepositoryError,
    ReviewError,
)

ERRORS: Mapping[Enum, ProblemType] = {
    BookRepositoryError.not_found: ProblemType(404, "no-such-book", "No book has this id."),
    BookRepositoryError.integrity_error: ProblemType(
        409, "book-registered", "A book with this ISBN is registered already."
    ),
    ReviewerRepositoryError.not_found: ProblemType(
        404, "no-such-reviewer", "No reviewer has this id."
    ),
    ReviewerRepositoryError.integrity_error: ProblemType(
        409, "reviewer-registered", "A reviewer of this name is registered already."
    ),
    ReviewError.already_reviewed: ProblemType(
        409, "already-reviewed", "This reviewer has reviewed this book already."
    ),
    ReviewError.unknown_book: ProblemType(
        404, "unknown-book", "No book has this ISBN: register it first."
    ),
    ReviewError.unknown_reviewer: ProblemType(
        404, "unknown-reviewer", "No reviewer has this name: register them first."
    ),
    ReviewChangeError.not_found: ProblemType(
        404, "no-such-review", "No review has this id; it may have been withdrawn."
    ),
    ReviewChangeError.not_the_reviewer: ProblemType(
        403, "not-the-reviewer", "This review is another reviewer's."
    ),
    ReviewChangeError.stale_version: ProblemType(
        412, "stale-version", "The review is not the one that If-Match names: read it again."
    ),
}
"""Every error that an endpoint may answer with; a result's error that is not here cannot leave."""

PROBLEMS = Problems("urn:reading-club:problem:", ERRORS)
