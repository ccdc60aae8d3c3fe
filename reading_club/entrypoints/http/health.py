"""Whether the process lives, and whether it can do its work: for who restarts or routes."""

import asyncio

from fastapi import APIRouter, Request, Response

from messagebus import TransactionError
from reading_club.bootstrap import ReadingClub
from reading_club.entrypoints.http.bodies import Readiness

router = APIRouter()


@router.get("/livez", response_model=None, status_code=204)
async def livez() -> None:
    """The process answers. Nothing else is asked: a restart would not mend a database."""


@router.get("/readyz", responses={503: {"model": Readiness}})
async def readyz(request: Request, response: Response) -> Readiness:
    """The database answers, its tables are today's, and the relay keeps up."""
    state = request.app.state
    try:
        async with asyncio.timeout(state.ready_timeout):
            found = await _look(state.club, state.most_waiting)
    except (TransactionError, TimeoutError) as error:
        away = type(error).__name__
        found = Readiness(ready=False, database=away, migrations=None, waiting=None)
    response.status_code = 200 if found.ready else 503
    return found


async def _look(club: ReadingClub, most_waiting: int) -> Readiness:
    found = await club.tables.revision()
    waiting = (await club.outbox().status()).waiting
    ready = found == club.tables.newest and waiting <= most_waiting
    return Readiness(ready=ready, database="ok", migrations=found, waiting=waiting)
