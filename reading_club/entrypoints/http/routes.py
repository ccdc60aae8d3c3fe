"""The club's endpoints: each makes a command of its request, or a query."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from lastuuid import uuid7

from messagebus.adapters.fastapi import (
    COMMAND_PROBLEMS,
    QUERY_PROBLEMS,
    ProblemType,
    StrictInteger,
    StrictRoute,
    StrictUuid,
    created,
    etag_of,
    response_headers,
)
from reading_club.bootstrap import ReadingClub
from reading_club.domain.messages import RegisterBook, RegisterReviewer, ReviewBook
from reading_club.domain.results import BookRepositoryError, ReviewerRepositoryError, ReviewError
from reading_club.entrypoints.http import reviews
from reading_club.entrypoints.http.bodies import (
    KeptReview,
    NewBook,
    NewReview,
    NewReviewer,
    RegisteredReviewer,
    ReviewersPage,
    ShelfPage,
)
from reading_club.entrypoints.http.commands import Commands
from reading_club.entrypoints.http.problems import PROBLEMS
from reading_club.service.catalogue import ShelvedBook

router = APIRouter(route_class=StrictRoute)
router.include_router(reviews.router)
UNKNOWN_CURSOR = ProblemType(422, "unknown-cursor", "No page has this as its `next`.")


@router.post(
    "/books",
    status_code=201,
    response_model=ShelvedBook,
    responses={
        **response_headers(201, "Location"),
        **PROBLEMS.responses(BookRepositoryError.integrity_error, *COMMAND_PROBLEMS),
    },
)
async def register_book(body: NewBook, commands: Commands) -> Response:
    """Register a book."""
    command = RegisterBook(id=uuid7(), **body.model_dump())
    made = ShelvedBook(id=command.id, **body.model_dump(), reviews=0, rating=None)
    return await commands.handle(command, body, lambda _: created(f"/books/{made.id}", made))


@router.post(
    "/reviewers",
    status_code=201,
    response_model=RegisteredReviewer,
    responses={
        **response_headers(201, "Location"),
        **PROBLEMS.responses(ReviewerRepositoryError.integrity_error, *COMMAND_PROBLEMS),
    },
)
async def register_reviewer(body: NewReviewer, commands: Commands) -> Response:
    """Register somebody who reviews books."""
    command = RegisterReviewer(id=uuid7(), name=body.name)
    made = RegisteredReviewer(id=command.id, name=body.name)
    return await commands.handle(command, body, lambda _: created(f"/reviewers/{made.id}", made))


@router.post(
    "/reviews",
    status_code=201,
    response_model=KeptReview,
    responses={
        **response_headers(201, "Location", "ETag"),
        **PROBLEMS.responses(
            ReviewError.unknown_book,
            ReviewError.unknown_reviewer,
            ReviewError.already_reviewed,
            *COMMAND_PROBLEMS,
        ),
    },
)
async def review_book(body: NewReview, commands: Commands) -> Response:
    """Review a book."""
    command = ReviewBook(id=uuid7(), **body.model_dump())
    made = KeptReview(id=command.id, **body.model_dump())
    response = created(f"/reviews/{made.id}", made, etag_of(1))
    return await commands.handle(command, body, lambda _: response)


After = Annotated[
    StrictUuid | None,
    Query(
        description="`next` of the page before. What commits late, with an id from before this "
        "one, is on no later page: `/events` misses none."
    ),
]
Limit = Annotated[StrictInteger, Query(ge=1, le=100)]
ANY_PAGE = PROBLEMS.responses(*QUERY_PROBLEMS, UNKNOWN_CURSOR)


@router.get("/books", response_model=ShelfPage, responses=ANY_PAGE)
async def shelf(request: Request, after: After = None, limit: Limit = 20) -> ShelfPage | Response:
    """The books with their ratings, in the order in which they were registered."""
    if after is not None and await _club(request).queries.shelved_book(after) is None:
        return PROBLEMS.response(UNKNOWN_CURSOR)
    found = await _club(request).queries.shelf_page(after, limit + 1)
    books = list(found[:limit])
    return ShelfPage(books=books, next=books[-1].id if len(found) > limit else None)


@router.get(
    "/books/{id}",
    response_model=ShelvedBook,
    responses=PROBLEMS.responses(BookRepositoryError.not_found, *QUERY_PROBLEMS),
)
async def book(request: Request, id: StrictUuid) -> ShelvedBook | Response:
    """One book with its rating."""
    found = await _club(request).queries.shelved_book(id)
    return found or PROBLEMS.response(BookRepositoryError.not_found)


@router.get("/reviewers", response_model=ReviewersPage, responses=ANY_PAGE)
async def reviewers(
    request: Request, after: After = None, limit: Limit = 20
) -> ReviewersPage | Response:
    """The reviewers, in the order in which they were registered."""
    if after is not None and await _club(request).queries.reviewer(after) is None:
        return PROBLEMS.response(UNKNOWN_CURSOR)
    found = await _club(request).queries.reviewers_page(after, limit + 1)
    shown = [RegisteredReviewer(id=each.id, name=each.name) for each in found[:limit]]
    return ReviewersPage(reviewers=shown, next=shown[-1].id if len(found) > limit else None)


@router.get(
    "/reviewers/{id}",
    response_model=RegisteredReviewer,
    responses=PROBLEMS.responses(ReviewerRepositoryError.not_found, *QUERY_PROBLEMS),
)
async def reviewer(request: Request, id: StrictUuid) -> RegisteredReviewer | Response:
    """One reviewer."""
    found = await _club(request).queries.reviewer(id)
    if found is None:
        return PROBLEMS.response(ReviewerRepositoryError.not_found)
    return RegisteredReviewer(id=found.id, name=found.name)


def _club(request: Request) -> ReadingClub:
    club: ReadingClub = request.app.state.club
    return club
