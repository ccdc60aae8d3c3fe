"""What holds for every request: an id, bounds for its parts, and a line in the log."""

import re
import time

import structlog
from lastuuid import uuid7
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

from reading_club.entrypoints.http.problems import (
    HEADERS_TOO_LARGE,
    TARGET_TOO_LONG,
    problem_of,
    response_of,
)

_log: FilteringBoundLogger = structlog.get_logger(__name__)
_PLAIN = re.compile(r"[!-~]{1,128}")
REQUEST_ID = "X-Request-ID"
LARGEST_BODY = 64 * 1024
"""Bytes; the longest request that makes sense has less."""

LONGEST_TARGET = 8 * 1024
"""Bytes of path and query."""

LARGEST_HEADERS = 32 * 1024
"""Bytes of all header fields, with a colon, a blank and the line's end for each."""


def too_large() -> HTTPException:
    """The refusal of a body that nobody will read to its end."""
    return HTTPException(413, f"a body has at most {LARGEST_BODY} bytes")


def _refused(scope: Scope) -> ASGIApp | None:
    """The answer to a request whose target or header fields are too large."""
    if len(scope.get("raw_path", b"")) + len(scope["query_string"]) > LONGEST_TARGET:
        detail = f"path and query have at most {LONGEST_TARGET} bytes"
        return response_of(problem_of(TARGET_TOO_LONG, detail))
    if sum(len(name) + len(value) + 4 for name, value in scope["headers"]) > LARGEST_HEADERS:
        detail = f"header fields have at most {LARGEST_HEADERS} bytes"
        return response_of(problem_of(HEADERS_TOO_LARGE, detail))
    return None


class Guard:
    """Gives each request an id, the client's own if it is plain text, and logs how it ended."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get(REQUEST_ID, "")
        request_id = given if _PLAIN.fullmatch(given) else str(uuid7())
        scope.setdefault("state", {})["request_id"] = request_id
        began, status = time.perf_counter(), 500
        read = 0

        async def bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > LARGEST_BODY:
                raise too_large()
            return message

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).append(REQUEST_ID, request_id)
            await send(message)

        with structlog.contextvars.bound_contextvars(correlation_id=request_id):
            try:
                app = _refused(scope) or self._app
                await app(scope, bounded, named)
            finally:
                _log.info(
                    "answered",
                    method=scope["method"],
                    path=scope.get("raw_path", b"").decode("ascii", "backslashreplace"),
                    status=status,
                    ms=round((time.perf_counter() - began) * 1000, 1),
                    **({"actor": scope["state"]["actor"]} if "actor" in scope["state"] else {}),
                )
