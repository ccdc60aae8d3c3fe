"""Whether a process lives, and whether it can do its work."""

import asyncio
from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Response
from pydantic import BaseModel

from messagebus.errors import TransactionError


class Readiness(BaseModel):
    """Whether the service can do its work, and if not, why."""

    ready: bool

    database: str
    """`ok`, or the name of the error."""

    migrations: str | None
    """The revision of its tables."""

    waiting: int | None
    """How many published events wait for the relay."""


def health_router(check: Callable[[], Awaitable[Readiness]], *, timeout: float = 5.0) -> APIRouter:
    """Make `/livez`, which asks nothing, and `/readyz`, which asks `check`.

    `/readyz` is 503 if the check says so, if it raises `TransactionError`, as for a database that
    is away, and if it takes longer than `timeout` seconds.
    """
    router = APIRouter()

    @router.get("/livez", response_model=None, status_code=204)
    async def livez() -> None:
        """The process answers. Nothing else is asked: a restart would not mend a database."""

    @router.get("/readyz", responses={503: {"model": Readiness}})
    async def readyz(response: Response) -> Readiness:
        """The database answers, its tables are today's, and the relay keeps up."""
        try:
            async with asyncio.timeout(timeout):
                found = await check()
        except (TransactionError, TimeoutError) as error:
            away = type(error).__name__
            found = Readiness(ready=False, database=away, migrations=None, waiting=None)
        response.status_code = 200 if found.ready else 503
        return found

    return router
