"""The club's routes: each makes a command of its request, and an answer of the result."""

from uuid import UUID

from fastapi import APIRouter, Request, Response
from lastuuid import uuid7
from result import Err, Ok

from messagebus.adapters.fastapi.preconditions import IfMatch, Precondition, etag_of
from reading_club.bootstrap import ReadingClub
from reading_club.domain.messages import RegisterBook, ReviseReview, WithdrawReview
from reading_club.domain.results import ReviewResult
from reading_club.domain.typed import KnownName
from reading_club.entrypoints.http.bodies import KeptReview, NewBook, RevisedReview, ShelfPage
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


@router.get("/reviews/{id}", response_model=KeptReview)
async def review(request: Request, response: Response, id: UUID) -> KeptReview | Response:
    """One review."""
    return _tagged(await _club(request).review(id), response)


@router.put("/reviews/{id}", response_model=KeptReview)
async def revise_review(
    request: Request, response: Response, id: UUID, body: RevisedReview, if_match: IfMatch
) -> KeptReview | Response:
    """Let a review say something else."""
    version = await _expected(request, id, if_match)
    command = ReviseReview(id=id, **body.model_dump(), expected_version=version)
    return _tagged(await _club(request).handle(command), response)


@router.delete("/reviews/{id}", status_code=204)
async def withdraw_review(
    request: Request, id: UUID, reviewer: KnownName, if_match: IfMatch
) -> Response:
    """Withdraw a review. Its reviewer may review the book anew."""
    version = await _expected(request, id, if_match)
    command = WithdrawReview(id=id, reviewer=reviewer, expected_version=version)
    result = await _club(request).handle(command)
    if isinstance(result, Err):
        return PROBLEMS.response(result.err_value)
    return Response(status_code=204)


def _tagged(result: ReviewResult, response: Response) -> KeptReview | Response:
    if isinstance(result, Err):
        return PROBLEMS.response(result.err_value)
    response.headers["ETag"] = etag_of(result.ok_value.version)
    return KeptReview(**result.ok_value.model_dump())


async def _expected(request: Request, id: UUID, if_match: Precondition) -> int | None:
    found = await _club(request).review(id)
    return if_match.expected(found.ok_value.version if isinstance(found, Ok) else None)


def _club(request: Request) -> ReadingClub:
    club: ReadingClub = request.app.state.club
    return club
