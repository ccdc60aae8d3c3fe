"""What each error of the handlers is called in HTTP."""

from collections.abc import Mapping
from enum import Enum

from messagebus.adapters.fastapi.problems import Problems, ProblemType
from ‹package›.domain.results import ‹Aggregate›RepositoryError

ERRORS: Mapping[Enum, ProblemType] = {
    ‹Aggregate›RepositoryError.not_found: ProblemType(
        404, "no-such-‹slug›", "No ‹word› has this id."
    ),
    ‹Aggregate›RepositoryError.integrity_error: ProblemType(
        409, "‹slug›-registered", "‹A_word› of this name is registered already."
    ),
    ‹Aggregate›RepositoryError.stale_version: ProblemType(
        412, "stale-version", "The ‹word› is not the one that If-Match names: read it again."
    ),
}
"""Every error that an endpoint may answer with; a result's error that is not here cannot leave."""

PROBLEMS = Problems("urn:‹project›:problem:", ERRORS)
