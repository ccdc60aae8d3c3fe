"""A review as it is read, revised and withdrawn, each under its version's tag."""

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from reading_club.bootstrap import ReadingClub
from reading_club.domain.messages import ReviseReview, WithdrawReview
from reading_club.domain.model import Review
from reading_club.domain.results import ReviewChangeError
from reading_club.domain.typed import KnownName
from reading_club.entrypoints.http.bodies import KeptReview, RevisedReview, Withdrawal
from reading_club.entrypoints.http.once import AtDesk, no_content, ok
from reading_club.entrypoints.http.preconditions import IfMatch, etag_of
from reading_club.entrypoints.http.problems import (
    KEY_REPEATED,
    KEY_REUSED,
    PRECONDITION_MISSING,
    REFUSALS,
    WRONG,
    documented,
    problem_of,
    response_of,
)
from reading_club.entrypoints.http.routes import ANY_COMMAND, ANY_QUERY, ETAG
from reading_club.entrypoints.http.strict import Id, StrictRoute
from reading_club.queries import ShownReview

router = APIRouter(route_class=StrictRoute)
CHANGING = (*ReviewChangeError, PRECONDITION_MISSING)
TAGGED: Mapping[int | str, dict[str, Any]] = {200: {"headers": {"ETag": ETAG}}}


@router.get(
    "/reviews/{id}",
    response_model=KeptReview,
    responses={**TAGGED, **documented(ReviewChangeError.not_found, *ANY_QUERY)},
)
async def review(request: Request, response: Response, id: Id) -> KeptReview | Response:
    """One review."""
    found = await _club(request).queries.review(id)
    if found is None:
        return response_of(problem_of(REFUSALS[ReviewChangeError.not_found]))
    response.headers["ETag"] = etag_of(found.version)
    return KeptReview.model_validate(found, from_attributes=True)


@router.put(
    "/reviews/{id}",
    response_model=KeptReview,
    responses={**TAGGED, **documented(*CHANGING, *ANY_COMMAND)},
)
async def revise_review(
    request: Request, id: Id, body: RevisedReview, if_match: IfMatch, desk: AtDesk
) -> Response:
    """Let a review say something else."""
    before = await _club(request).queries.review(id)
    version = if_match.expected(before and before.version)
    command = ReviseReview(id=id, **body.model_dump(), expected_version=version)
    return await desk.handle(
        command, body, lambda review: ok(_revised(before, review), etag_of(review.version))
    )


@router.delete(
    "/reviews/{id}",
    status_code=204,
    responses=documented(*CHANGING, WRONG, KEY_REUSED, KEY_REPEATED),
)
async def withdraw_review(
    request: Request,
    id: Id,
    reviewer: Annotated[KnownName, Query(description="Whose review it is.", examples=["Ada"])],
    if_match: IfMatch,
    desk: AtDesk,
) -> Response:
    """Withdraw a review. Its reviewer may review the book anew."""
    before = await _club(request).queries.review(id)
    version = if_match.expected(before and before.version)
    command = WithdrawReview(id=id, reviewer=reviewer, expected_version=version)
    return await desk.handle(command, Withdrawal(reviewer=reviewer), lambda _: no_content())


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
