"""A request that is sent again under its idempotency key is handled once."""

from typing import Annotated

import httpx2
import pytest
from fastapi import APIRouter, Depends, Header, Request, Response
from pydantic import BaseModel

from messagebus import Command
from messagebus.adapters.fastapi import (
    IdempotencyKey,
    IdempotentRequest,
    StoredResponse,
    StrictRoute,
    command_id,
    created,
    no_content,
    ok,
)
from tests.fastapi.conftest import (
    PROBLEMS,
    InMemoryUnitOfWork,
    ParcelError,
    application,
    client_of,
    problem,
)

KEY = {"Idempotency-Key": "k"}


class NewParcel(BaseModel):
    name: str


class RegisterParcel(Command[None]):
    name: str


async def idempotent(
    request: Request,
    key: IdempotencyKey = None,
    who: Annotated[str | None, Header(alias="X-Who")] = None,
) -> IdempotentRequest:
    return IdempotentRequest(request, key, principal=who)


Idempotent = Annotated[IdempotentRequest, Depends(idempotent)]


@pytest.fixture
def uow() -> InMemoryUnitOfWork:
    return InMemoryUnitOfWork()


@pytest.fixture
def client(uow: InMemoryUnitOfWork) -> httpx2.AsyncClient:
    router = APIRouter(route_class=StrictRoute)

    @router.post("/parcels")
    async def register(body: NewParcel, request: Idempotent) -> Response:
        async def work(transaction: InMemoryUnitOfWork) -> StoredResponse:
            transaction.added.append(body.name)
            if body.name == "defect":
                raise ZeroDivisionError
            if uow.parcels.count(body.name) > 1:
                return PROBLEMS.problem(ParcelError.not_found).stored()
            return created(f"/parcels/{len(uow.parcels)}", body, '"1"')

        return await request.respond(body, uow.run, work)

    @router.put("/parcels")
    async def rename(body: NewParcel, request: Idempotent) -> Response:
        async def work(transaction: InMemoryUnitOfWork) -> StoredResponse:
            return no_content() if body.name == "gone" else ok(body)

        return await request.respond(body, uow.run, work)

    app = application()
    app.include_router(router)
    return client_of(app)


async def test_the_first_response_comes_again(
    client: httpx2.AsyncClient, uow: InMemoryUnitOfWork
) -> None:
    first, again = [
        await client.post("/parcels", json={"name": "A"}, headers=KEY) for _ in range(2)
    ]
    assert (first.status_code, first.json()) == (201, {"name": "A"})
    assert (first.headers["location"], first.headers["etag"]) == ("/parcels/0", '"1"')
    assert (again.status_code, again.content, again.headers) == (201, first.content, first.headers)
    assert uow.parcels == ["A"]


async def test_without_a_key_each_request_is_handled(
    client: httpx2.AsyncClient, uow: InMemoryUnitOfWork
) -> None:
    for _ in range(2):
        await client.post("/parcels", json={"name": "A"})
    assert uow.parcels == ["A", "A"]
    assert uow.idempotency.committed == {}


async def test_a_refusal_is_rolled_back_and_comes_again(
    client: httpx2.AsyncClient, uow: InMemoryUnitOfWork
) -> None:
    uow.parcels = ["A", "A"]
    first = await client.post("/parcels", json={"name": "A"}, headers=KEY)
    assert uow.parcels == ["A", "A"]
    uow.parcels = []
    again = await client.post("/parcels", json={"name": "A"}, headers=KEY)
    assert problem(again)["type"] == "no-such-parcel"
    assert again.content == first.content
    assert uow.parcels == []


async def test_a_defect_leaves_the_key_free(
    client: httpx2.AsyncClient, uow: InMemoryUnitOfWork
) -> None:
    response = await client.post("/parcels", json={"name": "defect"}, headers=KEY)
    assert response.status_code == 500
    assert uow.idempotency.committed == {}


@pytest.mark.parametrize(
    ("method", "name", "headers"),
    [
        ("POST", "B", {}),
        ("PUT", "A", {}),
        ("POST", "A", {"If-Match": '"1"'}),
        ("POST", "A", {"X-Who": "ann"}),
    ],
    ids=["content", "method", "If-Match", "principal"],
)
async def test_another_request_under_the_key_is_refused(
    client: httpx2.AsyncClient,
    uow: InMemoryUnitOfWork,
    method: str,
    name: str,
    headers: dict[str, str],
) -> None:
    await client.post("/parcels", json={"name": "A"}, headers=KEY)
    other = await client.request(method, "/parcels", json={"name": name}, headers=KEY | headers)
    assert (problem(other)["status"], problem(other)["type"]) == (422, "key-reused")
    assert uow.parcels == ["A"]


async def test_a_response_without_a_body_comes_again(client: httpx2.AsyncClient) -> None:
    for _ in range(2):
        response = await client.put("/parcels", json={"name": "gone"}, headers=KEY)
        assert (response.status_code, response.content) == (204, b"")
        assert "content-type" not in response.headers


@pytest.mark.parametrize("key", ["", "x" * 256, "with space"])
async def test_a_key_is_plain_text(client: httpx2.AsyncClient, key: str) -> None:
    headers = {"Idempotency-Key": key}
    response = await client.post("/parcels", json={"name": "A"}, headers=headers)
    assert problem(response)["type"] == "wrong-request"


def test_the_command_of_a_key_has_an_id_of_its_own() -> None:
    request = Request({"type": "http"})
    command = RegisterParcel(name="A")
    assert IdempotentRequest(request, None).identify(command) is command
    identified = IdempotentRequest(request, "k").identify(command)
    assert identified.message_id == command_id("k") != command_id("l")
    assert identified == command
