"""The club as an HTTP application: its endpoints, and what they need."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import structlog
from fastapi import Depends, FastAPI

from messagebus.adapters.fastapi import (
    BEARER,
    FORBIDDEN,
    UNAUTHENTICATED,
    Feed,
    HeadAsGet,
    ProblemFastAPI,
    ProblemType,
    Readiness,
    RequestLimits,
    TokenAuthentication,
    add_docs_page,
    feed_router,
    health_router,
)
from reading_club import bootstrap
from reading_club.bootstrap import ReadingClub
from reading_club.entrypoints.http import routes
from reading_club.entrypoints.http.problems import PROBLEMS
from reading_club.entrypoints.http.request_log import RequestLog

UNAVAILABLE = ProblemType(
    503,
    "unavailable",
    "The club's database cannot be used now: try again.",
    {"Retry-After": "1"},
)


def create_app(
    club: ReadingClub, feed: Feed | None = None, *, committed: Callable[[], object] = lambda: None
) -> FastAPI:
    """The club behind HTTP; `/events` is there with a feed alone.

    `committed` is called after each commit, to wake a relay.
    """
    app = ProblemFastAPI(
        PROBLEMS,
        dict.fromkeys(bootstrap.UNAVAILABLE, UNAVAILABLE),
        title="Reading club",
        version="1",
        docs_url=None,
        redoc_url=None,
    )
    app.state.club, app.state.committed = club, committed
    settings, tokens = club.settings, club.settings.granted
    shared: dict[str, Any] = {"responses": PROBLEMS.responses(UNAVAILABLE)}
    if tokens is not None:
        shared["dependencies"] = [Depends(BEARER)]
        shared["responses"] = PROBLEMS.responses(UNAUTHENTICATED, FORBIDDEN, UNAVAILABLE)
    app.include_router(routes.router, **shared)
    if feed is not None:
        app.include_router(feed_router(feed, PROBLEMS), **shared)

    async def readiness() -> Readiness:
        found = await club.tables.revision()
        waiting = (await club.outbox().status()).waiting
        ready = found == club.tables.newest and waiting <= settings.most_waiting
        return Readiness(ready=ready, database="ok", migrations=found, waiting=waiting)

    app.include_router(health_router(readiness, timeout=settings.ready_timeout))
    add_docs_page(app)
    app.add_middleware(HeadAsGet)
    if tokens is not None:
        app.add_middleware(
            TokenAuthentication, tokens=tokens, problems=PROBLEMS, context=_bound_to_log
        )
    app.add_middleware(RequestLimits, problems=PROBLEMS)
    app.add_middleware(RequestLog)
    return app


def _bound_to_log(actor: str) -> AbstractContextManager[object]:
    return structlog.contextvars.bound_contextvars(actor=actor)
