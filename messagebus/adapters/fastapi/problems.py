"""Problem details, after RFC 9457: what a client reads where its request was refused."""

import json
from collections.abc import Mapping, Sequence
from enum import Enum
from types import MappingProxyType
from typing import Any, NamedTuple

from fastapi import Response
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from messagebus.adapters.idempotency import StoredResponse

MEDIA_TYPE = "application/problem+json"


class WrongField(BaseModel):
    """A part of the request that breaks a rule."""

    field: str
    """Where it is, such as `body.name`."""

    reason: str


class Problem(BaseModel):
    """Why a request was refused."""

    type: str = "about:blank"
    """The URI of its type, for programs; by default its status says all."""

    title: str
    status: int
    detail: str | None = None
    errors: Sequence[WrongField] | None = None

    def text(self) -> str:
        """Its JSON, in ASCII, since a problem may quote the request."""
        return json.dumps(self.model_dump(exclude_none=True))

    def stored(self) -> StoredResponse:
        """Its response, for a store of idempotency keys."""
        return StoredResponse(self.status, self.text(), MEDIA_TYPE)

    def response(self, headers: Mapping[str, str] | None = None) -> Response:
        """Its response."""
        return Response(self.text(), self.status, headers, MEDIA_TYPE)


class ProblemType(NamedTuple):
    """A kind of problem."""

    status: int

    name: str
    """The last part of its URI."""

    title: str
    """The same text in each response."""

    headers: Mapping[str, str] = MappingProxyType({})
    """Headers of its responses, such as `Retry-After`."""


class ProblemError(HTTPException):
    """Ends a request with a problem. Raise it in a dependency, an endpoint or a middleware."""

    def __init__(
        self,
        problem_type: ProblemType,
        detail: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(problem_type.status, detail or problem_type.title, headers)
        self.problem_type = problem_type
        self.problem_detail = detail
        """What is wrong with this very request."""


WRONG_REQUEST = ProblemType(422, "wrong-request", "The request breaks a rule.")


class Problems:
    """The problem types of a service, each with a URI that begins with `prefix`.

        PROBLEMS = Problems(
            "urn:parcels:problem:",
            {ParcelError.not_found: ProblemType(404, "no-such-parcel", "No parcel has this id.")},
        )
        app = ProblemFastAPI(PROBLEMS, title="Parcels")

    `errors` maps what handlers return. Wherever a method takes such an error, it takes a problem
    type as well.
    """

    def __init__(self, prefix: str, errors: Mapping[Enum, ProblemType] | None = None) -> None:
        self._prefix = prefix
        self._errors = errors or {}

    def type_of(self, error: Enum | ProblemType) -> ProblemType:
        """The problem type of an error; raise `KeyError` if it has none."""
        return error if isinstance(error, ProblemType) else self._errors[error]

    def uri_of(self, error: Enum | ProblemType) -> str:
        """The `type` of its problems."""
        return f"{self._prefix}{self.type_of(error).name}"

    def problem(self, error: Enum | ProblemType, detail: str | None = None) -> Problem:
        """The problem of an error."""
        kind = self.type_of(error)
        return Problem(type=self.uri_of(kind), title=kind.title, status=kind.status, detail=detail)

    def response(
        self,
        error: Enum | ProblemType,
        detail: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Response:
        """The response to an error."""
        kind = self.type_of(error)
        return self.problem(kind, detail).response({**kind.headers, **(headers or {})})

    def responses(self, *errors: Enum | ProblemType) -> dict[int | str, dict[str, Any]]:
        """Errors as the `responses` of an endpoint or of a router, for OpenAPI.

            @router.get("/parcels/{id}", responses=PROBLEMS.responses(ParcelError.not_found))

        Those of one status are one response, which names all their types.
        """
        kinds = [self.type_of(each) for each in errors]
        found: dict[int | str, dict[str, Any]] = {}
        for status in dict.fromkeys(kind.status for kind in kinds):
            alike = [kind for kind in kinds if kind.status == status]
            uris = {"type": {"enum": [self.uri_of(kind) for kind in alike]}}
            schema = {"allOf": [{"$ref": "#/components/schemas/Problem"}, {"properties": uris}]}
            found[status] = {
                "description": " ".join(kind.title for kind in alike),
                "content": {MEDIA_TYPE: {"schema": schema}},
            }
        return found
