"""Bounds for the parts of a request, before anything reads them."""

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from messagebus.adapters.fastapi.problems import ProblemError, Problems, ProblemType

MAX_BODY = 64 * 1024
"""Bytes of a body."""

MAX_TARGET = 8 * 1024
"""Bytes of path and query."""

MAX_HEADERS = 32 * 1024
"""Bytes of all header fields, each with a colon, a blank and the end of its line."""

TOO_LARGE = ProblemType(413, "too-large", "The body is too large.")
TARGET_TOO_LONG = ProblemType(414, "target-too-long", "The request's path and query are too long.")
HEADERS_TOO_LARGE = ProblemType(
    431, "headers-too-large", "The request's header fields are too large."
)


class RequestLimits:
    """Refuses requests that are too large, each by a problem.

        app.add_middleware(RequestLimits, problems=PROBLEMS, max_body=1024 * 1024)

    Starlette's own limit for bodies answers in plain text, and for each path.
    """

    def __init__(
        self,
        app: ASGIApp,
        problems: Problems,
        *,
        max_body: int = MAX_BODY,
        max_target: int = MAX_TARGET,
        max_headers: int = MAX_HEADERS,
    ) -> None:
        self._app = app
        self._problems = problems
        self._max_body = max_body
        self._max_target = max_target
        self._max_headers = max_headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer, and count the bytes of the body that it reads."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        read = 0

        async def receive_bounded() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._max_body:
                raise ProblemError(TOO_LARGE, f"a body has at most {self._max_body} bytes")
            return message

        app = self._response_if_too_large(scope) or self._app
        await app(scope, receive_bounded, send)

    def _response_if_too_large(self, scope: Scope) -> ASGIApp | None:
        """The response to a request whose target or header fields are too large."""
        if len(scope.get("raw_path", b"")) + len(scope["query_string"]) > self._max_target:
            detail = f"path and query have at most {self._max_target} bytes"
            return self._problems.response(TARGET_TOO_LONG, detail)
        if sum(len(name) + len(value) + 4 for name, value in scope["headers"]) > self._max_headers:
            detail = f"header fields have at most {self._max_headers} bytes"
            return self._problems.response(HEADERS_TOO_LARGE, detail)
        return None
