"""The club as an HTTP application: its endpoints, and what they need."""

from fastapi import FastAPI

from reading_club.bootstrap import ReadingClub
from reading_club.entrypoints.http import routes


def create_app(club: ReadingClub) -> FastAPI:
    """The club behind HTTP."""
    app = FastAPI(title="Reading club", version="1")
    app.state.club = club
    app.include_router(routes.router)
    return app
