"""The application: the routes, what is answered where one fails, and what they need."""

from collections.abc import Callable
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException

from reading_club.adapters.answers import KeyReusedError
from reading_club.bootstrap import UNAVAILABLE, ReadingClub
from reading_club.entrypoints.http import browse, events, health, problems, reviews, routes
from reading_club.entrypoints.http.authentication import SCHEME, Authentication
from reading_club.entrypoints.http.feed import Feed
from reading_club.entrypoints.http.guard import Guard
from reading_club.entrypoints.http.strict import HeadAsGet
from reading_club.tokens import Tokens


class Club(FastAPI):
    """FastAPI, with problem details where it would describe errors of its own."""

    def openapi(self) -> dict[str, Any]:
        """Describe the routes, and every refusal that there is."""
        if self.openapi_schema is None:
            schema = get_openapi(title=self.title, version=self.version, routes=self.routes)
            schema["components"]["schemas"].update(problems.schemas())
            for operations in schema["paths"].values():
                for operation in operations.values():
                    operation["responses"].update(problems.documented_of_any_request())
            self.openapi_schema = schema
        return self.openapi_schema


def _nothing() -> None: ...


def make_app(
    club: ReadingClub,
    feed: Feed | None = None,
    *,
    committed: Callable[[], None] = _nothing,
    most_waiting: int,
    ready_timeout: float = 5.0,
    tokens: Tokens | None = None,
) -> FastAPI:
    """The club behind HTTP; `/events` is there with a feed alone.

    `committed` is called after each commit, to wake a relay. With more than `most_waiting` events
    waiting for the relay the club is not ready, nor with a database that has not answered within
    `ready_timeout` seconds. With `tokens`, a request needs one of them.
    """
    app = Club(title="Reading club", version="1", docs_url=None, redoc_url=None)
    app.state.club, app.state.feed = club, feed
    app.state.committed, app.state.most_waiting = committed, most_waiting
    app.state.ready_timeout = ready_timeout
    routers = [routes.router, reviews.router]
    if feed is not None:
        routers.append(events.router)
    asked: dict[str, Any] = {}
    if tokens is not None:
        asked["dependencies"] = [Depends(SCHEME)]
        asked["responses"] = problems.documented(problems.UNAUTHENTICATED, problems.FORBIDDEN)
    for router in routers:
        app.include_router(router, **asked)
    for router in (health.router, browse.router):
        routers.append(router)
        app.include_router(router)
    app.state.routes = [route for router in routers for route in router.routes]
    app.mount("/docs", browse.FILES)
    app.add_middleware(HeadAsGet)
    if tokens is not None:
        app.add_middleware(Authentication, tokens=tokens)
    app.add_middleware(Guard)
    app.add_exception_handler(RequestValidationError, problems.say_wrong)
    app.add_exception_handler(HTTPException, problems.say_status)
    for error in UNAVAILABLE:
        app.add_exception_handler(error, problems.say_unavailable)
    app.add_exception_handler(problems.RefusedError, problems.say_refused)
    app.add_exception_handler(KeyReusedError, problems.say_key_reused)
    app.add_exception_handler(Exception, problems.say_failed)
    return app
