"""Problem details, after RFC 9457: what a client reads where its request was refused."""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import NamedTuple

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel

MEDIA_TYPE = "application/problem+json"


class WrongField(BaseModel):
    """A part of the request that breaks a rule."""

    field: str
    """Where it is, such as `body.name`."""

    reason: str


class Problem(BaseModel):
    """Why a request was refused."""

    type: str
    """The URI of its type, for programs."""

    title: str
    status: int
    errors: Sequence[WrongField] | None = None

    def response(self) -> Response:
        """Its response."""
        body = self.model_dump_json(exclude_none=True)
        return Response(body, self.status, media_type=MEDIA_TYPE)


class ProblemType(NamedTuple):
    """A kind of problem."""

    status: int

    name: str
    """The last part of its URI."""

    title: str
    """The same text in each response."""


WRONG_REQUEST = ProblemType(422, "wrong-request", "The request breaks a rule.")


class Problems:
    """The problem types of a service, each with a URI that begins with `prefix`.

    `errors` maps what handlers return.
    """

    def __init__(self, prefix: str, errors: Mapping[Enum, ProblemType]) -> None:
        self._prefix = prefix
        self._errors = errors

    def problem(self, error: Enum | ProblemType) -> Problem:
        """The problem of an error; raise `KeyError` if it has none."""
        kind = error if isinstance(error, ProblemType) else self._errors[error]
        return Problem(type=f"{self._prefix}{kind.name}", title=kind.title, status=kind.status)

    def response(self, error: Enum | ProblemType) -> Response:
        """The response to an error."""
        return self.problem(error).response()


def add_problem_handlers(app: FastAPI, problems: Problems) -> None:
    """Answer a request that breaks the rules of its endpoint with a problem."""

    async def answer_validation_error(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        problem = problems.problem(WRONG_REQUEST)
        problem.errors = [
            WrongField(field=".".join(map(str, each["loc"])), reason=each["msg"])
            for each in error.errors()
        ]
        return problem.response()

    app.add_exception_handler(RequestValidationError, answer_validation_error)
