"""Whether the process lives, and whether it can do its work: for who restarts or routes."""

from fastapi import APIRouter, Request, Response

from messagebus import TransactionError
from reading_club.adapters.schema import REVISION, revision
from reading_club.bootstrap import ReadingClub
from reading_club.entrypoints.http.bodies import Readiness
from reading_club.entrypoints.relaying import outbox_of

router = APIRouter()


@router.get("/livez", response_model=None, status_code=204)
async def livez() -> None:
    """The process answers. Nothing else is asked: a restart would not mend a database."""


@router.get("/readyz", responses={503: {"model": Readiness}})
async def readyz(request: Request, response: Response) -> Readiness:
    """The database answers, its tables are today's, and the relay keeps up."""
    found = await _look(request.app.state.club, request.app.state.most_waiting)
    response.status_code = 200 if found.ready else 503
    return found


async def _look(club: ReadingClub, most_waiting: int) -> Readiness:
    try:
        found = await club.database.run(revision, read_only=True)
        waiting = (await outbox_of(club).status()).waiting
    except TransactionError as error:
        return Readiness(ready=False, database=type(error).__name__, migrations=None, waiting=None)
    ready = found == REVISION and waiting <= most_waiting
    return Readiness(ready=ready, database="ok", migrations=found, waiting=waiting)
