"""Endpoints that take what OpenAPI says and nothing else: parameters, numbers, types of content."""

import re
from collections.abc import Callable, Coroutine
from functools import lru_cache
from typing import Annotated, Any
from urllib.request import parse_http_list
from uuid import UUID

from fastapi import Request, Response
from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BeforeValidator

from messagebus.adapters.fastapi.headers import header_lines, joined
from messagebus.adapters.fastapi.idempotency import IDEMPOTENCY_KEY, KEY_REPEATED, KEY_REUSED
from messagebus.adapters.fastapi.json_body import (
    NO_JSON,
    UNREADABLE,
    JsonRequest,
    raise_if_not_json,
)
from messagebus.adapters.fastapi.limits import TOO_LARGE
from messagebus.adapters.fastapi.problems import WRONG_REQUEST, ProblemError, ProblemType

NOT_ACCEPTABLE = ProblemType(
    406, "not-acceptable", "The Accept header takes no type of answer that there is."
)
QUERY_PROBLEMS = (NOT_ACCEPTABLE, WRONG_REQUEST)
"""What a `StrictRoute` without a body may answer, for its `responses`."""

COMMAND_PROBLEMS = (
    *(UNREADABLE, TOO_LARGE, NO_JSON, NOT_ACCEPTABLE, WRONG_REQUEST),
    *(KEY_REUSED, KEY_REPEATED),
)
"""What one with a body and an `IdempotencyKey` may answer."""

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,18})")
_UNWANTED = re.compile(r";[ \t]*q=0(?:\.0{0,3})?[ \t]*(?:;|$)", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _validate_digits(value: object) -> object:
    if isinstance(value, str) and not _INTEGER.fullmatch(value):
        raise ValueError("write an integer in ASCII digits, without a sign, blank or point")
    return value


def _validate_hyphens(value: object) -> object:
    if isinstance(value, str) and not _UUID.fullmatch(value):
        raise ValueError("write a UUID in hexadecimal digits, in five groups with hyphens")
    return value


StrictInteger = Annotated[int, BeforeValidator(_validate_digits)]
"""An integer of a path or query, written as JSON writes it."""

StrictUuid = Annotated[UUID, BeforeValidator(_validate_hyphens)]
"""A UUID of a path or query, in five groups with hyphens."""


class StrictRoute(APIRoute):
    """An endpoint that takes JSON bodies, and the parameters that it names, each once.

        router = APIRouter(route_class=StrictRoute)

    It answers 415 for another type of body, 400 for broken JSON, 422 for a parameter that it does
    not have or that comes twice, and 406 where the client takes no type that the endpoint sends.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Check each request before FastAPI reads it."""
        handle = super().get_route_handler()
        names = {each.alias for each in self.dependant.query_params}
        has_body = self.body_field is not None
        media_type = _media_type_of(self)
        has_key = IDEMPOTENCY_KEY in _headers_of(self.dependant)
        key = IDEMPOTENCY_KEY.lower().encode()

        async def checked(request: Request) -> Response:
            if has_body:
                request = JsonRequest(request.scope, request.receive)
            _raise_if_unknown(request, names)
            headers = header_lines(request.scope)
            accept = joined(headers.get(b"accept", ()))
            if media_type and not _accepts(accept, media_type):
                raise ProblemError(NOT_ACCEPTABLE, f"it has {media_type}")
            if has_key and len(headers.get(key, ())) > 1:
                raise ProblemError(KEY_REPEATED)
            if has_body:
                raise_if_not_json(headers)
            return await handle(request)

        return checked


def _media_type_of(route: APIRoute) -> str | None:
    """The type of a route's responses, or none if they have no body."""
    if route.status_code == 204:
        return None
    response = route.response_class
    return (response.value if isinstance(response, DefaultPlaceholder) else response).media_type


@lru_cache(maxsize=128)
def _accepts(accept: str, media_type: str) -> bool:
    """Whether the most specific range that has the type wants it, as RFC 9110 says in 12.5.1."""
    wanted: dict[str, bool] = {}
    for each in parse_http_list(accept):
        name = each.partition(";")[0].strip().lower()
        wanted[name] = wanted.get(name, False) or not _UNWANTED.search(each)
    main = media_type.partition("/")[0]
    ranges = [each for each in (media_type, f"{main}/*", "*/*") if each in wanted]
    return wanted[ranges[0]] if ranges else not wanted


def _headers_of(dependant: Dependant) -> set[str]:
    """The names of the headers that a route reads, itself or by what it depends on."""
    own = {each.alias for each in dependant.header_params}
    return own.union(*map(_headers_of, dependant.dependencies))


def _raise_if_unknown(request: Request, names: set[str]) -> None:
    """Raise what is wrong with the names of a query's parameters."""
    found = [name for name, _ in request.query_params.multi_items()]
    wrong = [
        {"type": "extra", "loc": ("query", name), "msg": reason}
        for name in dict.fromkeys(found)
        if (reason := _reason_against(name, found.count(name), names))
    ]
    if wrong:
        raise RequestValidationError(wrong)


def _reason_against(name: str, times: int, names: set[str]) -> str | None:
    if name not in names:
        return "this route has no such parameter"
    return "give it once" if times > 1 else None
