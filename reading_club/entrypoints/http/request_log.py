"""An id for each request, and a line in the log of how it ended."""

import re
import time

import structlog
from lastuuid import uuid7
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.typing import FilteringBoundLogger

_log: FilteringBoundLogger = structlog.get_logger(__name__)
_PRINTABLE = re.compile(r"[!-~]{1,128}")
REQUEST_ID = "X-Request-ID"


class RequestLog:
    """Gives each request an id, the client's own if it is plain text, and logs its response."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        requested = Headers(scope=scope).get(REQUEST_ID, "")
        request_id = requested if _PRINTABLE.fullmatch(requested) else str(uuid7())
        scope.setdefault("state", {})["request_id"] = request_id
        began, status = time.perf_counter(), 500

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message).append(REQUEST_ID, request_id)
            await send(message)

        with structlog.contextvars.bound_contextvars(correlation_id=request_id):
            try:
                await self._app(scope, receive, send_with_id)
            finally:
                _log.info(
                    "answered",
                    method=scope["method"],
                    path=scope.get("raw_path", b"").decode("ascii", "backslashreplace"),
                    status=status,
                    ms=round((time.perf_counter() - began) * 1000, 1),
                    **({"actor": scope["state"]["actor"]} if "actor" in scope["state"] else {}),
                )
