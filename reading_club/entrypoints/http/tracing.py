"""A request's trace goes on in the club: W3C Trace Context."""

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from messagebus.telemetry.opentelemetry import continued


class Traced:
    """Lets the spans of a request belong to the trace that its `traceparent` names."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with continued(Headers(scope=scope)):
            await self._app(scope, receive, send)
