"""The endpoints: each makes a command of its request, or a query."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from lastuuid import uuid7

from messagebus.adapters.fastapi import (
    COMMAND_PROBLEMS,
    PRECONDITION_MISSING,
    QUERY_PROBLEMS,
    IfMatch,
    ProblemType,
    StrictInteger,
    StrictRoute,
    StrictUuid,
    created,
    etag_of,
    ok,
    response_headers,
)
from ‹package›.bootstrap import Application
from ‹package›.domain.messages import Register‹Aggregate›, Rename‹Aggregate›
from ‹package›.domain.results import ‹Aggregate›RepositoryError
from ‹package›.entrypoints.http.bodies import (
    New‹Aggregate›,
    Registered‹Aggregate›,
    ‹Aggregates›Page,
)
from ‹package›.entrypoints.http.commands import Commands
from ‹package›.entrypoints.http.problems import PROBLEMS

router = APIRouter(route_class=StrictRoute)
UNKNOWN_CURSOR = ProblemType(422, "unknown-cursor", "No page has this as its `next`.")


@router.post(
    "/‹aggregates›",
    status_code=201,
    response_model=Registered‹Aggregate›,
    responses={
        **response_headers(201, "Location"),
        **PROBLEMS.responses(‹Aggregate›RepositoryError.integrity_error, *COMMAND_PROBLEMS),
    },
)
async def register_‹aggregate›(body: New‹Aggregate›, commands: Commands) -> Response:
    """Register ‹a_word›."""
    command = Register‹Aggregate›(id=uuid7(), name=body.name)
    made = Registered‹Aggregate›(id=command.id, name=body.name)
    return await commands.handle(command, body, lambda _: created(f"/‹aggregates›/{made.id}", made))


@router.put(
    "/‹aggregates›/{id}",
    response_model=Registered‹Aggregate›,
    responses={
        **response_headers(200, "ETag"),
        **PROBLEMS.responses(
            ‹Aggregate›RepositoryError.not_found,
            ‹Aggregate›RepositoryError.integrity_error,
            ‹Aggregate›RepositoryError.stale_version,
            PRECONDITION_MISSING,
            *COMMAND_PROBLEMS,
        ),
    },
)
async def rename_‹aggregate›(
    request: Request, id: StrictUuid, body: New‹Aggregate›, if_match: IfMatch, commands: Commands
) -> Response:
    """Give ‹a_word› another name."""
    before = await _application(request).queries.‹aggregate›(id)
    version = if_match.expected(before.version if before else None)
    command = Rename‹Aggregate›(id=id, name=body.name, expected_version=version)
    return await commands.handle(
        command,
        body,
        lambda renamed: ok(
            Registered‹Aggregate›(id=renamed.id, name=renamed.name), etag_of(renamed.version)
        ),
    )


After = Annotated[
    StrictUuid | None,
    Query(
        description="`next` of the page before. What commits late, with an id from before this "
        "one, is on no later page: `/events` misses none."
    ),
]
Limit = Annotated[StrictInteger, Query(ge=1, le=100)]


@router.get(
    "/‹aggregates›",
    response_model=‹Aggregates›Page,
    responses=PROBLEMS.responses(*QUERY_PROBLEMS, UNKNOWN_CURSOR),
)
async def ‹aggregates›(
    request: Request, after: After = None, limit: Limit = 20
) -> ‹Aggregates›Page | Response:
    """The ‹words›, in the order in which they were registered."""
    queries = _application(request).queries
    if after is not None and await queries.‹aggregate›(after) is None:
        return PROBLEMS.response(UNKNOWN_CURSOR)
    found = await queries.‹aggregates›_page(after, limit + 1)
    shown = [Registered‹Aggregate›(id=each.id, name=each.name) for each in found[:limit]]
    return ‹Aggregates›Page(‹aggregates›=shown, next=shown[-1].id if len(found) > limit else None)


@router.get(
    "/‹aggregates›/{id}",
    response_model=Registered‹Aggregate›,
    responses={
        **response_headers(200, "ETag"),
        **PROBLEMS.responses(‹Aggregate›RepositoryError.not_found, *QUERY_PROBLEMS),
    },
)
async def ‹aggregate›(
    request: Request, response: Response, id: StrictUuid
) -> Registered‹Aggregate› | Response:
    """One ‹word›."""
    found = await _application(request).queries.‹aggregate›(id)
    if found is None:
        return PROBLEMS.response(‹Aggregate›RepositoryError.not_found)
    response.headers["ETag"] = etag_of(found.version)
    return Registered‹Aggregate›(id=found.id, name=found.name)


def _application(request: Request) -> Application:
    application: Application = request.app.state.application
    return application
