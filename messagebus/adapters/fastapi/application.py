"""A FastAPI application that answers every error with problem details."""

from collections.abc import Mapping, Sequence
from http import HTTPMethod, HTTPStatus
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.routing import Match, Mount
from starlette.types import ExceptionHandler

from messagebus.adapters.fastapi.json_body import UNREADABLE
from messagebus.adapters.fastapi.limits import HEADERS_TOO_LARGE, TARGET_TOO_LONG, TOO_LARGE
from messagebus.adapters.fastapi.problems import (
    WRONG_REQUEST,
    Problem,
    ProblemError,
    Problems,
    ProblemType,
    WrongField,
)

_OF_FASTAPI = {each.status: each for each in (UNREADABLE, TOO_LARGE)}
"""What FastAPI raises by itself, before an endpoint has read its request."""


class ProblemFastAPI(FastAPI):
    """FastAPI with problem details, in its responses and in its OpenAPI.

    `exceptions` maps what is raised to its problem type. `options` are those of `FastAPI`.
    """

    def __init__(
        self,
        problems: Problems,
        exceptions: Mapping[type[Exception], ProblemType] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.problems = problems
        add_problem_handlers(self, problems, exceptions or {})

    def openapi(self) -> dict[str, Any]:
        """Describe the endpoints, and the problems that any request may meet."""
        schema = super().openapi()
        components = schema.setdefault("components", {}).setdefault("schemas", {})
        if "Problem" not in components:
            problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            components.update({**problem.pop("$defs"), "Problem": problem})
            responses = self.problems.responses(TARGET_TOO_LONG, HEADERS_TOO_LARGE)
            for operations in schema["paths"].values():
                for operation in operations.values():
                    operation["responses"].update(
                        {str(each): responses[each] for each in responses}
                    )
        return schema


def add_problem_handlers(
    app: FastAPI, problems: Problems, exceptions: Mapping[type[Exception], ProblemType]
) -> None:
    """Answer each exception of an application with a problem."""

    async def answer_validation_error(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        problem = problems.problem(WRONG_REQUEST)
        problem.errors = [
            WrongField(
                field=".".join(map(str, each["loc"])),
                reason=each["msg"].removeprefix("Value error, "),
            )
            for each in error.errors()
        ]
        return problem.response()

    async def answer_http_exception(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if isinstance(error, ProblemError):
            return problems.response(error.problem_type, error.problem_detail, error.headers)
        return _response_to(error, request, problems)

    async def answer_defect(_request: Request, _error: Exception) -> Response:
        return Problem(title=HTTPStatus(500).phrase, status=500).response()

    app.add_exception_handler(RequestValidationError, answer_validation_error)
    app.add_exception_handler(HTTPException, answer_http_exception)
    app.add_exception_handler(Exception, answer_defect)
    for exception, problem_type in exceptions.items():
        app.add_exception_handler(exception, _answer_with(problems, problem_type))


def _answer_with(problems: Problems, problem_type: ProblemType) -> ExceptionHandler:
    async def answer(_request: Request, _error: Exception) -> Response:
        return problems.response(problem_type)

    return answer


def _response_to(error: HTTPException, request: Request, problems: Problems) -> Response:
    """The response to an exception of FastAPI: an unknown path, a wrong method, a broken body."""
    title = HTTPStatus(error.status_code).phrase
    detail = error.detail if error.detail != title else None
    headers = dict(error.headers or {})
    if error.status_code in _OF_FASTAPI:
        return problems.response(_OF_FASTAPI[error.status_code], detail, headers)
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_methods_of(request))
    return Problem(title=title, status=error.status_code, detail=detail).response(headers)


def _methods_of(request: Request) -> Sequence[str]:
    """All methods of a path: FastAPI names those of the first route alone."""
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]
    methods = {
        str(method)
        for method in HTTPMethod
        for route in routes
        if route.matches({**request.scope, "method": str(method)})[0] is Match.FULL
    }
    return sorted(methods | {"HEAD"} if "GET" in methods else methods)
