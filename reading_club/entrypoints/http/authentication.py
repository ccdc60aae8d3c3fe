"""Who asks, by a bearer token, and whether they may: decided before anything else is read."""

import structlog
from fastapi import Request
from fastapi.security import HTTPBearer
from starlette.types import ASGIApp, Receive, Scope, Send

from messagebus.adapters.fastapi import ProblemType
from reading_club.entrypoints.http.problems import PROBLEMS
from reading_club.tokens import Grant, Tokens

SCHEME = HTTPBearer(
    scheme_name="token",
    description="A token that READING_CLUB_TOKENS names; a client without one gets 401.",
    auto_error=False,
)
UNAUTHENTICATED = ProblemType(401, "unauthenticated", "Send a token that the server knows.")
FORBIDDEN = ProblemType(403, "read-only-token", "This token allows no changes.")
OPEN = frozenset({"/livez", "/readyz", "/openapi.json", "/docs"})
"""Paths that ask nobody, for those who restart, route or write a client; so do files of `/docs`."""
_READS = frozenset({"GET", "HEAD", "OPTIONS"})


class Authentication:
    """Lets requests through whose token has a grant for them, and notes whom the token names."""

    def __init__(self, app: ASGIApp, tokens: Tokens) -> None:
        self._app = app
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer, or answer 401 without a known token, 403 without a right."""
        if scope["type"] != "http" or scope["path"] in OPEN or scope["path"].startswith("/docs/"):
            await self._app(scope, receive, send)
            return
        credentials = await SCHEME(Request(scope))
        grant = self._tokens.grant_of(credentials.credentials) if credentials else None
        if grant is None:
            challenge = 'Bearer error="invalid_token"' if credentials else "Bearer"
            await _response(UNAUTHENTICATED, challenge)(scope, receive, send)
            return
        scope["state"]["actor"] = grant.actor
        with structlog.contextvars.bound_contextvars(actor=grant.actor):
            if _may(grant, scope["method"]):
                await self._app(scope, receive, send)
            else:
                challenge = 'Bearer error="insufficient_scope", scope="write"'
                await _response(FORBIDDEN, challenge)(scope, receive, send)


def _may(grant: Grant, method: str) -> bool:
    return grant.changes or method in _READS


def _response(problem_type: ProblemType, challenge: str) -> ASGIApp:
    return PROBLEMS.response(problem_type, headers={"WWW-Authenticate": challenge})
