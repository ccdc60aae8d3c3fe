"""Requests are what OpenAPI says: types of bodies and answers, JSON, numbers, parameters."""

import json
import re
from collections.abc import Callable, Coroutine
from contextlib import suppress
from email.message import Message as Headers
from functools import lru_cache
from typing import Annotated, Any, Never
from urllib.request import parse_http_list
from uuid import UUID

from fastapi import Request, Response
from fastapi.datastructures import DefaultPlaceholder
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BeforeValidator
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reading_club.entrypoints.http.once import IDEMPOTENCY_KEY
from reading_club.entrypoints.http.problems import KEY_REPEATED, NOT_ACCEPTABLE, RefusedError

_JSON = "application/json"
_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,18})")
_UNWANTED = re.compile(r";[ \t]*q=0(?:\.0{0,3})?[ \t]*(?:;|$)", re.IGNORECASE)
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def _digits(given: object) -> object:
    if isinstance(given, str) and not _INTEGER.fullmatch(given):
        raise ValueError("write an integer in ASCII digits, without a sign, blank or point")
    return given


def _hyphens(given: object) -> object:
    if isinstance(given, str) and not _UUID.fullmatch(given):
        raise ValueError("write a UUID in hexadecimal digits, in five groups with hyphens")
    return given


Integer = Annotated[int, BeforeValidator(_digits)]
"""An integer of a path or query, as JSON would have it."""

Id = Annotated[UUID, BeforeValidator(_hyphens)]
"""A UUID of a path or query, in the form that the club sends."""


class StrictRoute(APIRoute):
    """A route that takes JSON alone, and the parameters that it names, each once."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Look at the request before FastAPI reads it."""
        handle = super().get_route_handler()
        names = {each.alias for each in self.dependant.query_params}
        has_body = self.body_field is not None
        media_type = _media_type_of(self)
        has_key = IDEMPOTENCY_KEY in _headers_of(self.dependant)

        async def checked(request: Request) -> Response:
            if has_body:
                request = _JsonRequest(request.scope, request.receive)
            _check_query(request, names)
            accept = ", ".join(request.headers.getlist("accept"))
            if media_type and not _accepts(accept, media_type):
                raise RefusedError(NOT_ACCEPTABLE, f"it has {media_type}")
            if has_key and len(request.headers.getlist(IDEMPOTENCY_KEY)) > 1:
                raise RefusedError(KEY_REPEATED)
            if has_body:
                _check_media_type(request)
            return await handle(request)

        return checked


def _media_type_of(route: APIRoute) -> str | None:
    """The type of a route's answers, or none where they have no body."""
    if route.status_code == 204:
        return None
    answer = route.response_class
    return (answer.value if isinstance(answer, DefaultPlaceholder) else answer).media_type


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


class _JsonRequest(Request):
    """Reads a body as RFC 8259 has it: UTF-8, and no number that JSON cannot say."""

    async def json(self) -> Any:
        """Raise what is wrong with the body as 400, with its place."""
        body = await self.body()
        try:
            return _DECODER.decode(body.decode())
        except json.JSONDecodeError as error:
            reason, before = error.msg, error.doc[: error.pos]
        except UnicodeDecodeError as error:
            reason, before = "no UTF-8", body[: error.start].decode()
        except (ValueError, RecursionError) as error:
            reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
            raise HTTPException(400, f"the body is no JSON: {reason}") from error
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        raise HTTPException(400, f"the body is no JSON: {reason}, at line {line}, column {column}")


def _no_constant(name: str) -> Never:
    raise ValueError(f"{name} is no number of JSON")


_DECODER = json.JSONDecoder(parse_constant=_no_constant)


def _check_query(request: Request, names: set[str]) -> None:
    given = [name for name, _ in request.query_params.multi_items()]
    wrong = [
        {"type": "extra", "loc": ("query", name), "msg": msg}
        for name in dict.fromkeys(given)
        if (msg := _said_of(name, given.count(name), names))
    ]
    if wrong:
        raise RequestValidationError(wrong)


def _said_of(name: str, times: int, names: set[str]) -> str | None:
    if name not in names:
        return "this route has no such parameter"
    return "give it once" if times > 1 else None


def _comes_with_body(request: Request) -> bool:
    headers = request.headers
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


def _check_media_type(request: Request) -> None:
    if not _comes_with_body(request):
        return
    given = request.headers.getlist("content-type")
    if len(given) != 1:
        came = "without a Content-Type" if not given else "with more than one Content-Type"
        raise HTTPException(415, f"the body came {came}: send {_JSON}")
    if wanted := _wanted_instead_of(given[0]):
        raise HTTPException(415, f"the body came as {given[0]!r}: send {wanted}")
    if (coding := request.headers.get("content-encoding", "identity")).lower() != "identity":
        raise HTTPException(415, f"the body came in the coding {coding!r}: send it without one")


@lru_cache(maxsize=128)
def _wanted_instead_of(content_type: str) -> str | None:
    """What to send in its place; `None` for JSON in UTF-8."""
    headers = Headers()
    headers["content-type"] = content_type
    if content_type.partition(";")[0].strip(" \t").lower() != _JSON:
        return _JSON
    charset = headers.get_param("charset", "utf-8")
    if not isinstance(charset, str) or charset.lower() not in ("utf-8", "utf8"):
        return f"{_JSON}, which is UTF-8"
    return None


class HeadAsGet:
    """Answers HEAD as GET, without the body, and without waiting for the end of one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer GET, and keep its headers."""
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self._app(scope, receive, send)
            return

        async def headers_alone(message: Message) -> None:
            if message["type"] == "http.response.start":
                await send(message)
                await send({"type": "http.response.body", "body": b"", "more_body": False})
                raise _AnsweredError

        with suppress(_AnsweredError):
            await self._app({**scope, "method": "GET"}, receive, headers_alone)


class _AnsweredError(Exception):
    """Ends the application once its headers are sent."""
