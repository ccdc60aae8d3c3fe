"""Whether a service lives, and whether it is ready."""

import asyncio

import pytest

from messagebus import TransactionError
from messagebus.adapters.fastapi import Readiness, health_router
from tests.fastapi.conftest import application, client_of

READY = Readiness(ready=True, database="ok", migrations="0001", waiting=0)


class Check:
    """Answers with what it is given, or raises it."""

    found: Readiness | Exception = READY

    async def __call__(self) -> Readiness:
        if isinstance(self.found, Exception):
            raise self.found
        if self.found.waiting == 2:
            await asyncio.sleep(60)
        return self.found


@pytest.mark.parametrize(
    ("found", "status", "database"),
    [
        (READY, 200, "ok"),
        (READY.model_copy(update={"ready": False, "waiting": 1}), 503, "ok"),
        (TransactionError("away"), 503, "TransactionError"),
        (READY.model_copy(update={"waiting": 2}), 503, "TimeoutError"),
    ],
    ids=["ready", "not ready", "an error", "no answer"],
)
async def test_readyz_says_whether_and_why(
    found: Readiness | Exception, status: int, database: str
) -> None:
    check = Check()
    check.found = found
    app = application()
    app.include_router(health_router(check, timeout=0.01))
    async with client_of(app) as client:
        lives, ready = await client.get("/livez"), await client.get("/readyz")
    assert lives.status_code == 204
    assert (ready.status_code, ready.json()["database"]) == (status, database)
    assert ready.json()["ready"] is (status == 200)
