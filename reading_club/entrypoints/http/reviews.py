"""A review as it is read, revised and withdrawn, each under its version's tag."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from messagebus.adapters.fastapi import (
    COMMAND_PROBLEMS,
    KEY_REPEATED,
    KEY_REUSED,
    PRECONDITION_MISSING,
    QUERY_PROBLEMS,
    WRONG_REQUEST,
    IfMatch,
    StrictRoute,
    StrictUuid,
    etag_of,
    no_content,
    ok,
    response_headers,
)
from reading_club.bootstrap import ReadingClub
from reading_club.domain.messages import ReviseReview, WithdrawReview
from reading_club.domain.model import Review
from reading_club.domain.results import ReviewChangeError
from reading_club.domain.typed import KnownName
from reading_club.entrypoints.http.bodies import KeptReview, RevisedReview, Withdrawal
from reading_club.entrypoints.http.commands import Commands
from reading_club.entrypoints.http.problems import PROBLEMS
from reading_club.queries import ShownReview

router = APIRouter(route_class=StrictRoute)
CHANGING = (*ReviewChangeError, PRECONDITION_MISSING)


@router.get(
    "/reviews/{id}",
    response_model=KeptReview,
    responses={
        **response_headers(200, "ETag"),
        **PROBLEMS.responses(ReviewChangeError.not_found, *QUERY_PROBLEMS),
    },
)
async def review(request: Request, response: Response, id: StrictUuid) -> KeptReview | Response:
    """One review."""
    found = await _club(request).queries.review(id)
    if found is None:
        return PROBLEMS.response(ReviewChangeError.not_found)
    response.headers["ETag"] = etag_of(found.version)
    return KeptReview.model_validate(found, from_attributes=True)


@router.put(
    "/reviews/{id}",
    response_model=KeptReview,
    responses={
        **response_headers(200, "ETag"),
        **PROBLEMS.responses(*CHANGING, *COMMAND_PROBLEMS),
    },
)
async def revise_review(
    request: Request, id: StrictUuid, body: RevisedReview, if_match: IfMatch, commands: Commands
) -> Response:
    """Let a review say something else."""
    before = await _club(request).queries.review(id)
    version = if_match.expected(before and before.version)
    command = ReviseReview(id=id, **body.model_dump(), expected_version=version)
    return await commands.handle(
        command, body, lambda review: ok(_revised(before, review), etag_of(review.version))
    )


@router.delete(
    "/reviews/{id}",
    status_code=204,
    responses=PROBLEMS.responses(*CHANGING, WRONG_REQUEST, KEY_REUSED, KEY_REPEATED),
)
async def withdraw_review(
    request: Request,
    id: StrictUuid,
    reviewer: Annotated[KnownName, Query(description="Whose review it is.", examples=["Ada"])],
    if_match: IfMatch,
    commands: Commands,
) -> Response:
    """Withdraw a review. Its reviewer may review the book anew."""
    before = await _club(request).queries.review(id)
    version = if_match.expected(before and before.version)
    command = WithdrawReview(id=id, reviewer=reviewer, expected_version=version)
    return await commands.handle(command, Withdrawal(reviewer=reviewer), lambda _: no_content())


def _revised(before: ShownReview | None, review: Review) -> KeptReview:
    """The review as it is now. Its book and its reviewer stay, so they were looked up before."""
    if before is None:
        raise LookupError(f"review {review.id} was made while it was looked up")
    return KeptReview(
        id=review.id,
        isbn=before.isbn,
        reviewer=before.reviewer,
        rating=review.rating,
        comment=review.comment,
    )


def _club(request: Request) -> ReadingClub:
    club: ReadingClub = request.app.state.club
    return club
