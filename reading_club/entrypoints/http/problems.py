"""What is answered where something was refused: problem details, after RFC 9457."""

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from http import HTTPStatus
from typing import Any, NamedTuple

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.routing import Match

from reading_club.domain.results import (
    BookRepositoryError,
    ReviewChangeError,
    ReviewerRepositoryError,
    ReviewError,
)

MEDIA_TYPE = "application/problem+json"
ABOUT_BLANK = "about:blank"
"""The type of a problem that is all said by its status."""


class WrongField(BaseModel):
    """A part of the request that breaks a rule."""

    field: str
    """Where it is, such as `body.isbn`."""

    reason: str


class Problem(BaseModel):
    """Why a request was refused."""

    type: str = ABOUT_BLANK
    """Tells this kind of problem from others, for programs."""

    title: str
    status: int
    detail: str | None = None
    errors: Sequence[WrongField] | None = None


class Refusal(NamedTuple):
    """How one of the club's refusals is said in HTTP."""

    status: int
    name: str
    title: str


REFUSALS: Mapping[Enum, Refusal] = {
    BookRepositoryError.not_found: Refusal(404, "no-such-book", "No book has this id."),
    BookRepositoryError.integrity_error: Refusal(
        409, "book-registered", "A book with this ISBN is registered already."
    ),
    ReviewerRepositoryError.not_found: Refusal(404, "no-such-reviewer", "No reviewer has this id."),
    ReviewerRepositoryError.integrity_error: Refusal(
        409, "reviewer-registered", "A reviewer of this name is registered already."
    ),
    ReviewError.already_reviewed: Refusal(
        409, "already-reviewed", "This reviewer has reviewed this book already."
    ),
    ReviewError.unknown_book: Refusal(
        404, "unknown-book", "No book has this ISBN: register it first."
    ),
    ReviewError.unknown_reviewer: Refusal(
        404, "unknown-reviewer", "No reviewer has this name: register them first."
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

KEY_REUSED = Refusal(422, "key-reused", "This Idempotency-Key was used for another request.")
KEY_REPEATED = Refusal(400, "key-repeated", "The request has more than one Idempotency-Key.")
UNKNOWN_EVENT = Refusal(
    409,
    "unknown-event",
    "The stream has no such event, or none any more: begin anew, without Last-Event-ID.",
)
UNKNOWN_CURSOR = Refusal(422, "unknown-cursor", "No page has this as its `next`.")
NOT_ACCEPTABLE = Refusal(
    406, "not-acceptable", "The Accept header takes no type of answer that there is."
)
UNAUTHENTICATED = Refusal(401, "unauthenticated", "Send a token that the server knows.")
FORBIDDEN = Refusal(403, "read-only-token", "This token allows no changes.")
UNREADABLE = Refusal(400, "unreadable", "The body cannot be read.")
TOO_LARGE = Refusal(413, "too-large", "The body is too large.")
TARGET_TOO_LONG = Refusal(414, "target-too-long", "The request's path and query are too long.")
NO_JSON = Refusal(415, "no-json", "The body is of another type than application/json.")
WRONG = Refusal(422, "wrong-request", "The request breaks a rule.")
PRECONDITION_MISSING = Refusal(
    428, "precondition-missing", "The request has no If-Match: send the ETag of what you read."
)
HEADERS_TOO_LARGE = Refusal(431, "headers-too-large", "The request's header fields are too large.")
UNAVAILABLE = Refusal(503, "unavailable", "The club's database cannot be used now: try again.")


class RefusedError(Exception):
    """A request is refused before a handler has seen it."""

    def __init__(self, refusal: Refusal, detail: str | None = None) -> None:
        super().__init__(refusal.title)
        self.problem = problem_of(refusal, detail)


BY_STATUS = {each.status: each for each in (UNREADABLE, TOO_LARGE, NO_JSON)}
"""What is refused before a route has read its request."""


def problem_of(refusal: Refusal, detail: str | None = None) -> Problem:
    """A refusal as a problem, with a type of its own."""
    kind = kind_of(refusal)
    return Problem(type=kind, title=refusal.title, status=refusal.status, detail=detail)


def kind_of(refusal: Refusal) -> str:
    """The type by which programs know this refusal."""
    return f"urn:reading-club:problem:{refusal.name}"


def body_of(problem: Problem) -> str:
    """The JSON of a problem, in ASCII: it may name what was typed."""
    return json.dumps(problem.model_dump(exclude_none=True))


def response_of(problem: Problem, headers: Mapping[str, str] | None = None) -> Response:
    """The response that says a problem."""
    return Response(body_of(problem), problem.status, headers, MEDIA_TYPE)


def schemas() -> Mapping[str, Any]:
    """A problem's JSON Schema and those that it refers to, as OpenAPI's components."""
    schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    return {**schema.pop("$defs"), "Problem": schema}


def documented(*refusals: Enum | Refusal) -> dict[int | str, dict[str, Any]]:
    """The refusals of a route for OpenAPI, beside those that a route has anyway."""
    known = [REFUSALS[each] if isinstance(each, Enum) else each for each in refusals]
    return _by_status([*known, UNAVAILABLE])


def documented_of_any_request() -> dict[str, dict[str, Any]]:
    """The refusals of a request whatever route it is for."""
    found = _by_status([TARGET_TOO_LONG, HEADERS_TOO_LARGE])
    return {str(status): response for status, response in found.items()}


def _by_status(refusals: Sequence[Refusal]) -> dict[int | str, dict[str, Any]]:
    found: dict[int | str, dict[str, Any]] = {}
    for each in refusals:
        same = [other for other in refusals if other.status == each.status]
        found[each.status] = {
            "description": " ".join(other.title for other in same),
            "content": {MEDIA_TYPE: {"schema": _schema_of(same)}},
        }
    return found


def _schema_of(refusals: Sequence[Refusal]) -> Mapping[str, Any]:
    kinds = {"type": {"enum": [kind_of(each) for each in refusals]}}
    return {"allOf": [{"$ref": "#/components/schemas/Problem"}, {"properties": kinds}]}


async def say_wrong(_request: Request, error: Exception) -> Response:
    """Answer a request that breaks the rules of its route, naming each field and reason."""
    assert isinstance(error, RequestValidationError)
    problem = problem_of(WRONG)
    problem.errors = [
        WrongField(
            field=".".join(map(str, each["loc"])),
            reason=each["msg"].removeprefix("Value error, "),
        )
        for each in error.errors()
    ]
    return response_of(problem)


async def say_status(request: Request, error: Exception) -> Response:
    """Answer what the framework refuses: an unknown path, a wrong method, a body too large."""
    assert isinstance(error, HTTPException)
    title = HTTPStatus(error.status_code).phrase
    detail = error.detail if error.detail != title else None
    problem = Problem(title=title, status=error.status_code, detail=detail)
    if error.status_code in BY_STATUS:
        problem = problem_of(BY_STATUS[error.status_code], detail)
    headers = dict(error.headers or {})
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods(request))
    return response_of(problem, headers)


def _methods(request: Request) -> Sequence[str]:
    """All methods of a path: the framework names those of the first route alone."""
    methods = {
        method
        for route in request.app.state.routes
        if route.matches(request.scope)[0] is not Match.NONE
        for method in route.methods or ()
    }
    return sorted(methods | {"HEAD"} if "GET" in methods else methods)


async def say_refused(_request: Request, error: Exception) -> Response:
    """Answer what was refused by one of the refusals above."""
    assert isinstance(error, RefusedError)
    return response_of(error.problem)


async def say_key_reused(_request: Request, _error: Exception) -> Response:
    """Answer where a key was used for another request."""
    return response_of(problem_of(KEY_REUSED))


async def say_failed(_request: Request, _error: Exception) -> Response:
    """Answer where the club has a defect; the log says which."""
    return response_of(Problem(title=HTTPStatus(500).phrase, status=500))


async def say_unavailable(_request: Request, _error: Exception) -> Response:
    """Answer where the database was away, or others were in the way too often."""
    return response_of(problem_of(UNAVAILABLE), {"Retry-After": "1"})
