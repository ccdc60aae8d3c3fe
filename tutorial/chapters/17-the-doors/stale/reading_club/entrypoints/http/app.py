"""The application: the routes, what is answered where one fails, and what they need."""

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError

from reading_club.bootstrap import ReadingClub
from reading_club.entrypoints.http import problems, routes


def make_app(club: ReadingClub) -> FastAPI:
    """The club behind HTTP."""
    app = FastAPI(title="Reading club", version="1")
    app.state.club = club
    app.include_router(routes.router)
    app.add_exception_handler(RequestValidationError, problems.say_wrong)
    app.add_exception_handler(problems.RefusedError, problems.say_refused)
    return app
