"""Parcels over HTTP: problem details, idempotency keys, health, a feed."""

import asyncio
from collections.abc import Awaitable, Callable
from enum import Enum
from tempfile import TemporaryDirectory
from typing import Annotated, TypeVar
from uuid import UUID

import httpx2
import sqlalchemy as sa
from fastapi import APIRouter, Depends, FastAPI, Request, Response
from lastuuid.dummies import uuidgen
from pydantic import BaseModel

from messagebus import AsyncMessageBus, Command
from messagebus.adapters.fastapi import (
    HeadAsGet,
    IdempotencyKey,
    IdempotentRequest,
    ProblemFastAPI,
    Problems,
    ProblemType,
    Readiness,
    RequestLimits,
    StoredResponse,
    StrictRoute,
    created,
    health_router,
)
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlIdempotencyStore,
    AsyncSqlUnitOfWork,
    DatabaseUnavailableError,
    EventstoreTable,
    IdempotencyTable,
    open_database,
    retry_transaction,
)

T = TypeVar("T")

metadata = sa.MetaData()
parcels = sa.Table(
    "parcels",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, unique=True),
)
eventstore = EventstoreTable(metadata)
keys = IdempotencyTable(metadata)


class RegisterParcel(Command[bool]):
    id: UUID
    name: str


class UnitOfWork(AsyncSqlUnitOfWork):
    def __init__(self, database: AsyncSqlDatabase) -> None:
        super().__init__(database, eventstore)
        self.idempotency = AsyncSqlIdempotencyStore(self.session, keys)


async def register(cmd: RegisterParcel, uow: UnitOfWork) -> bool:
    def insert(connection: sa.Connection) -> bool:
        same = sa.select(parcels).where(parcels.c.name == cmd.name)
        if connection.execute(same).first():
            return False
        connection.execute(parcels.insert(), cmd.model_dump())
        return True

    return await uow.session.run(insert)


class Service:
    def __init__(self, database: AsyncSqlDatabase) -> None:
        self.database = database
        self.bus = AsyncMessageBus()
        self.bus.add_listener(RegisterParcel, register)

    async def run(self, work: Callable[[UnitOfWork], Awaitable[T]]) -> T:
        return await retry_transaction(UnitOfWork(self.database), work)

    async def readiness(self) -> Readiness:
        await self.database.run(
            lambda connection: connection.scalar(sa.select(1))
        )
        return Readiness(
            ready=True, database="ok", migrations=None, waiting=None
        )


class ParcelError(Enum):
    registered = "a parcel has this name"


PROBLEMS = Problems(
    "urn:parcels:problem:",
    {
        ParcelError.registered: ProblemType(
            409, "registered", "A parcel of this name is registered."
        )
    },
)
UNAVAILABLE = ProblemType(
    503, "unavailable", "Try again.", {"Retry-After": "1"}
)


class NewParcel(BaseModel):
    name: str


class Parcel(BaseModel):
    id: UUID
    name: str


async def service_of(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


async def idempotent(
    request: Request, key: IdempotencyKey = None
) -> IdempotentRequest:
    return IdempotentRequest(request, key)


router = APIRouter(route_class=StrictRoute)


@router.post(
    "/parcels",
    status_code=201,
    response_model=Parcel,
    responses=PROBLEMS.responses(ParcelError.registered),
)
async def register_parcel(
    body: NewParcel,
    service: Annotated[Service, Depends(service_of)],
    request: Annotated[IdempotentRequest, Depends(idempotent)],
) -> Response:
    command = request.identify(RegisterParcel(id=uuidgen(1), name=body.name))

    async def work(transaction: UnitOfWork) -> StoredResponse:
        if not await service.bus.handle(command, transaction):
            return PROBLEMS.problem(ParcelError.registered).stored()
        return created(
            f"/parcels/{command.id}", Parcel(id=command.id, name=body.name)
        )

    return await request.respond(body, service.run, work)


def create_app(service: Service) -> FastAPI:
    app = ProblemFastAPI(
        PROBLEMS, {DatabaseUnavailableError: UNAVAILABLE}, title="Parcels"
    )
    app.state.service = service
    app.include_router(router, responses=PROBLEMS.responses(UNAVAILABLE))
    app.include_router(health_router(service.readiness))
    app.add_middleware(HeadAsGet)
    app.add_middleware(RequestLimits, problems=PROBLEMS)
    return app


async def main(folder: str) -> None:
    database = open_database(f"sqlite:///{folder}/parcels.db")
    await database.create(metadata)
    transport = httpx2.ASGITransport(create_app(Service(database)))
    async with httpx2.AsyncClient(
        transport=transport, base_url="http://parcels"
    ) as client:
        for key, body in (
            ("a", {"name": "Blue"}),
            ("a", {"name": "Blue"}),
            ("b", {"name": "Blue"}),
            ("a", {"name": "Red"}),
            ("c", {"nmae": "Red"}),
        ):
            answer = await client.post(
                "/parcels", json=body, headers={"Idempotency-Key": key}
            )
            print(f"> {key} {body}\n< {answer.status_code} {answer.text}\n")
        print((await client.get("/readyz")).text)
    await database.close()


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        asyncio.run(main(folder))
