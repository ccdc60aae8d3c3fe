"""What is answered where something was refused: problem details, after RFC 9457."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

from reading_club.domain.results import BookRepositoryError, ReviewChangeError

MEDIA_TYPE = "application/problem+json"


class WrongField(BaseModel):
    """A part of the request that breaks a rule."""

    field: str
    """Where it is, such as `body.isbn`."""

    reason: str


class Problem(BaseModel):
    """Why a request was refused."""

    type: str
    """Tells this kind of problem from others, for programs."""

    title: str
    status: int
    errors: Sequence[WrongField] | None = None


class Refusal(NamedTuple):
    """How one of the club's refusals is said in HTTP."""

    status: int
    name: str
    title: str


REFUSALS: Mapping[Enum, Refusal] = {
    BookRepositoryError.integrity_error: Refusal(
        409, "book-registered", "A book with this ISBN is registered already."
    ),
    ReviewChangeError.not_found: Refusal(
        404, "no-such-review", "No review has this id; it may have been withdrawn."
    ),
    ReviewChangeError.not_the_reviewer: Refusal(
        403, "not-the-reviewer", "This review is another reviewer's."
    ),
    ReviewChangeError.stale_version: Refusal(
        412, "stale-version", "The review is not the one that If-Match names: read it again."
    ),
}
"""Every refusal that a route may answer with; a result's error that is not here cannot leave."""

WRONG = Refusal(422, "wrong-request", "The request breaks a rule.")


def response_of(refusal: Refusal, errors: Sequence[WrongField] | None = None) -> Response:
    """The response that says a refusal."""
    kind = f"urn:reading-club:problem:{refusal.name}"
    problem = Problem(type=kind, title=refusal.title, status=refusal.status, errors=errors)
    body = problem.model_dump_json(exclude_none=True)
    return Response(body, refusal.status, media_type=MEDIA_TYPE)


async def say_wrong(_request: Request, error: Exception) -> Response:
    """Answer a request that breaks the rules of its route, naming each field and reason."""
    assert isinstance(error, RequestValidationError)
    return response_of(
        WRONG,
        [
            WrongField(field=".".join(map(str, each["loc"])), reason=each["msg"])
            for each in error.errors()
        ],
    )
