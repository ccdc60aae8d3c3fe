"""The club's routes: each makes a command of its request, and an answer of the result."""

from fastapi import APIRouter, Request, Response
from lastuuid import uuid7
from result import Err

from reading_club.bootstrap import ReadingClub
from reading_club.domain.messages import RegisterBook
from reading_club.entrypoints.http.bodies import NewBook, ShelfPage
from reading_club.entrypoints.http.problems import PROBLEMS
from reading_club.service.catalogue import ShelvedBook

router = APIRouter()


@router.post("/books", status_code=201, response_model=ShelvedBook)
async def register_book(request: Request, body: NewBook) -> ShelvedBook | Response:
    """Register a book."""
    command = RegisterBook(id=uuid7(), **body.model_dump())
    result = await _club(request).handle(command)
    if isinstance(result, Err):
        return PROBLEMS.response(result.err_value)
    return ShelvedBook(id=command.id, **body.model_dump(), reviews=0, rating=None)


@router.get("/books")
async def shelf(request: Request) -> ShelfPage:
    """The books with their ratings, in the order in which they were registered."""
    return ShelfPage(books=list(await _club(request).shelf()))


def _club(request: Request) -> ReadingClub:
    club: ReadingClub = request.app.state.club
    return club
