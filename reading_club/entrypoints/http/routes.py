"""The club's routes: each makes a command of its request, and leaves the rest to the desk."""

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response
from lastuuid import uuid7

from reading_club.bootstrap import ReadingClub
from reading_club.domain.messages import RegisterBook, RegisterReviewer, ReviewBook
from reading_club.domain.results import (
    BookRepositoryError,
    ReviewerRepositoryError,
    ReviewError,
)
from reading_club.entrypoints.http.bodies import (
    KeptReview,
    NewBook,
    NewReview,
    NewReviewer,
    RegisteredReviewer,
    ReviewersPage,
    ShelfPage,
)
from reading_club.entrypoints.http.once import AtDesk, created
from reading_club.entrypoints.http.preconditions import etag_of
from reading_club.entrypoints.http.problems import (
    KEY_REPEATED,
    KEY_REUSED,
    NO_JSON,
    NOT_ACCEPTABLE,
    REFUSALS,
    TOO_LARGE,
    UNKNOWN_CURSOR,
    UNREADABLE,
    WRONG,
    documented,
    problem_of,
    response_of,
)
from reading_club.entrypoints.http.strict import Id, Integer, StrictRoute
from reading_club.service.catalogue import ShelvedBook

router = APIRouter(route_class=StrictRoute)
ANY_COMMAND = (
    *(UNREADABLE, TOO_LARGE, NO_JSON, NOT_ACCEPTABLE, WRONG),
    *(KEY_REUSED, KEY_REPEATED),
)
ANY_QUERY = (NOT_ACCEPTABLE, WRONG)
REVIEWING = (
    ReviewError.unknown_book,
    ReviewError.unknown_reviewer,
    ReviewError.already_reviewed,
)
ETAG = {"description": "Its version, for `If-Match`.", "schema": {"type": "string"}}
LOCATION = {"description": "Where it is found.", "schema": {"type": "string"}}
CREATED: Mapping[int | str, dict[str, Any]] = {201: {"headers": {"Location": LOCATION}}}


@router.post(
    "/books",
    status_code=201,
    response_model=ShelvedBook,
    responses={**CREATED, **documented(BookRepositoryError.integrity_error, *ANY_COMMAND)},
)
async def register_book(body: NewBook, desk: AtDesk) -> Response:
    """Register a book."""
    command = RegisterBook(id=uuid7(), **body.model_dump())
    made = ShelvedBook(id=command.id, **body.model_dump(), reviews=0, rating=None)
    return await desk.handle(command, body, lambda _: created(f"/books/{made.id}", made))


@router.post(
    "/reviewers",
    status_code=201,
    response_model=RegisteredReviewer,
    responses={**CREATED, **documented(ReviewerRepositoryError.integrity_error, *ANY_COMMAND)},
)
async def register_reviewer(body: NewReviewer, desk: AtDesk) -> Response:
    """Register somebody who reviews books."""
    command = RegisterReviewer(id=uuid7(), name=body.name)
    made = RegisteredReviewer(id=command.id, name=body.name)
    return await desk.handle(command, body, lambda _: created(f"/reviewers/{made.id}", made))


@router.post(
    "/reviews",
    status_code=201,
    response_model=KeptReview,
    responses={
        201: {"headers": {"Location": LOCATION, "ETag": ETAG}},
        **documented(*REVIEWING, *ANY_COMMAND),
    },
)
async def review_book(body: NewReview, desk: AtDesk) -> Response:
    """Review a book."""
    command = ReviewBook(id=uuid7(), **body.model_dump())
    made = KeptReview(id=command.id, **body.model_dump())
    first = etag_of(1)
    return await desk.handle(command, body, lambda _: created(f"/reviews/{made.id}", made, first))


After = Annotated[
    Id | None,
    Query(
        description="`next` of the page before. What commits late, with an id from before this "
        "one, is on no later page: `/events` misses none."
    ),
]
Limit = Annotated[Integer, Query(ge=1, le=100)]


@router.get("/books", response_model=ShelfPage, responses=documented(*ANY_QUERY, UNKNOWN_CURSOR))
async def shelf(request: Request, after: After = None, limit: Limit = 20) -> ShelfPage | Response:
    """The books with their ratings, in the order in which they were registered."""
    if after is not None and await _club(request).queries.shelved_book(after) is None:
        return response_of(problem_of(UNKNOWN_CURSOR))
    found = await _club(request).queries.shelf_page(after, limit + 1)
    books = list(found[:limit])
    return ShelfPage(books=books, next=books[-1].id if len(found) > limit else None)


@router.get(
    "/books/{id}",
    response_model=ShelvedBook,
    responses=documented(BookRepositoryError.not_found, *ANY_QUERY),
)
async def book(request: Request, id: Id) -> ShelvedBook | Response:
    """One book with its rating."""
    found = await _club(request).queries.shelved_book(id)
    return found or _no_such(BookRepositoryError.not_found)


@router.get(
    "/reviewers", response_model=ReviewersPage, responses=documented(*ANY_QUERY, UNKNOWN_CURSOR)
)
async def reviewers(
    request: Request, after: After = None, limit: Limit = 20
) -> ReviewersPage | Response:
    """The reviewers, in the order in which they were registered."""
    if after is not None and await _club(request).queries.reviewer(after) is None:
        return response_of(problem_of(UNKNOWN_CURSOR))
    found = await _club(request).queries.reviewers_page(after, limit + 1)
    shown = [RegisteredReviewer(id=each.id, name=each.name) for each in found[:limit]]
    return ReviewersPage(reviewers=shown, next=shown[-1].id if len(found) > limit else None)


@router.get(
    "/reviewers/{id}",
    response_model=RegisteredReviewer,
    responses=documented(ReviewerRepositoryError.not_found, *ANY_QUERY),
)
async def reviewer(request: Request, id: Id) -> RegisteredReviewer | Response:
    """One reviewer."""
    found = await _club(request).queries.reviewer(id)
    if found is None:
        return _no_such(ReviewerRepositoryError.not_found)
    return RegisteredReviewer(id=found.id, name=found.name)


def _no_such(error: Enum) -> Response:
    return response_of(problem_of(REFUSALS[error]))


def _club(request: Request) -> ReadingClub:
    club: ReadingClub = request.app.state.club
    return club
