"""What each error of the club's handlers is called in HTTP."""

from collections.abc import Mapping
from enum import Enum

from messagebus.adapters.fastapi.problems import Problems, ProblemType
from reading_club.domain.results import BookRepositoryError

ERRORS: Mapping[Enum, ProblemType] = {
    BookRepositoryError.integrity_error: ProblemType(
        409, "book-registered", "A book with this ISBN is registered already."
    ),
}
"""Every error that an endpoint may answer with; a result's error that is not here cannot leave."""

PROBLEMS = Problems("urn:reading-club:problem:", ERRORS)
