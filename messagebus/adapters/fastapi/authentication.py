"""Who sends a request, by a bearer token, and whether they may: decided before it is read."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

from fastapi import Request
from fastapi.security import HTTPBearer
from starlette.types import ASGIApp, Receive, Scope, Send

from messagebus.adapters.fastapi.problems import Problems, ProblemType
from messagebus.adapters.tokens import Grant, Tokens

BEARER = HTTPBearer(
    scheme_name="token",
    description="A token that the server knows; a client without one gets 401.",
    auto_error=False,
)
UNAUTHENTICATED = ProblemType(401, "unauthenticated", "Send a token that the server knows.")
FORBIDDEN = ProblemType(403, "read-only-token", "This token allows no changes.")
OPEN = frozenset({"/livez", "/readyz", "/openapi.json", "/docs"})
"""Paths that need no token, for those who restart, route or write a client; nor do files of
`/docs`."""
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


class TokenAuthentication:
    """Lets requests through whose token has a grant for them; stores its actor in their state.

        app.include_router(router, dependencies=[Depends(BEARER)])
        app.add_middleware(TokenAuthentication, tokens=tokens, problems=PROBLEMS)

    An endpoint finds the actor as `request.state.actor`. `context` is entered with the actor
    around each request, such as to bind it to a log.
    """

    def __init__(
        self,
        app: ASGIApp,
        tokens: Tokens,
        problems: Problems,
        context: Callable[[str], AbstractContextManager[object]] = nullcontext,
    ) -> None:
        self._app = app
        self._tokens = tokens
        self._problems = problems
        self._context = context

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer, or answer 401 without a known token, 403 without a right."""
        if scope["type"] != "http" or scope["path"] in OPEN or scope["path"].startswith("/docs/"):
            await self._app(scope, receive, send)
            return
        credentials = await BEARER(Request(scope))
        grant = self._tokens.grant_of(credentials.credentials) if credentials else None
        if grant is None:
            challenge = 'Bearer error="invalid_token"' if credentials else "Bearer"
            await self._response(UNAUTHENTICATED, challenge)(scope, receive, send)
            return
        scope.setdefault("state", {})["actor"] = grant.actor
        with self._context(grant.actor):
            if _may(grant, scope["method"]):
                await self._app(scope, receive, send)
            else:
                challenge = 'Bearer error="insufficient_scope", scope="write"'
                await self._response(FORBIDDEN, challenge)(scope, receive, send)

    def _response(self, problem_type: ProblemType, challenge: str) -> ASGIApp:
        return self._problems.response(problem_type, headers={"WWW-Authenticate": challenge})


def _may(grant: Grant, method: str) -> bool:
    return grant.changes or method in _READS
