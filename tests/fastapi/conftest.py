"""A client of an application that is called without a server, and a store in a dictionary."""

from collections.abc import Awaitable, Callable, Mapping
from enum import Enum
from typing import Any

import httpx2
from fastapi import FastAPI
from typing_extensions import override

from messagebus.adapters.fastapi import ProblemFastAPI, Problems, ProblemType
from messagebus.adapters.idempotency import (
    AsyncAbstractIdempotencyStore,
    IdempotencyKeyReusedError,
    Reservation,
    StoredResponse,
)

URN = "urn:parcels:problem:"


class ParcelError(Enum):
    not_found = "not found"
    unmapped = "unmapped"


class DepotClosedError(Exception):
    """Raised by a handler."""


PROBLEMS = Problems(
    URN, {ParcelError.not_found: ProblemType(404, "no-such-parcel", "No parcel has this id.")}
)
CLOSED = ProblemType(503, "closed", "The depot is closed.", {"Retry-After": "1"})


def application(**options: Any) -> ProblemFastAPI:
    return ProblemFastAPI(PROBLEMS, {DepotClosedError: CLOSED}, title="Parcels", **options)


def client_of(app: FastAPI) -> httpx2.AsyncClient:
    """A client whose requests are answered by the application; a defect is a response, too."""
    transport = httpx2.ASGITransport(app, raise_app_exceptions=False)
    return httpx2.AsyncClient(transport=transport, base_url="http://parcels")


def problem(response: httpx2.Response) -> Mapping[str, Any]:
    """The problem of a response, with the name of its type alone."""
    assert response.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = response.json()
    assert found["status"] == response.status_code
    return found | {"type": found["type"].removeprefix(URN)}


class InMemoryIdempotencyStore(AsyncAbstractIdempotencyStore):
    """Writes to a copy, which the unit of work commits."""

    def __init__(self) -> None:
        self.committed: dict[str, tuple[str, StoredResponse | None]] = {}
        self.rows = dict(self.committed)

    @override
    async def reserve(
        self, reservation: Reservation, response: StoredResponse | None = None
    ) -> StoredResponse | None:
        if reservation.key not in self.rows:
            self.rows[reservation.key] = (reservation.digest, response)
            return None
        digest, stored = self.rows[reservation.key]
        if digest != reservation.digest:
            raise IdempotencyKeyReusedError(reservation.key)
        return stored

    @override
    async def complete(self, reservation: Reservation, response: StoredResponse) -> None:
        self.rows[reservation.key] = (reservation.digest, response)


class InMemoryUnitOfWork:
    """Parcels and keys; both are kept by `commit` alone."""

    def __init__(self) -> None:
        self.idempotency = InMemoryIdempotencyStore()
        self.parcels: list[str] = []
        self.added: list[str] = []

    async def commit(self) -> None:
        self.parcels += self.added
        self.added = []
        self.idempotency.committed = dict(self.idempotency.rows)

    async def rollback(self) -> None:
        self.added = []
        self.idempotency.rows = dict(self.idempotency.committed)

    async def run(
        self, work: Callable[["InMemoryUnitOfWork"], Awaitable[StoredResponse]]
    ) -> StoredResponse:
        return await work(self)
