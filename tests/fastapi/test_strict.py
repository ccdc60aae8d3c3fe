"""An endpoint takes what its OpenAPI says, and nothing else."""

from typing import Annotated

import pytest
from fastapi import APIRouter, Query
from pydantic import BaseModel

from messagebus.adapters.fastapi import (
    IdempotencyKey,
    StrictInteger,
    StrictRoute,
    StrictUuid,
)
from tests.fastapi.conftest import application, client_of, problem


class NewParcel(BaseModel):
    name: str


router = APIRouter(route_class=StrictRoute)


@router.post("/parcels")
async def register(body: NewParcel, key: IdempotencyKey = None) -> str:
    return body.name


@router.get("/parcels")
async def parcels(limit: Annotated[StrictInteger, Query(ge=1)] = 1) -> int:
    return limit


@router.get("/parcels/{id}")
async def parcel(id: StrictUuid) -> str:
    return str(id)


app = application()
app.include_router(router)
PARCEL = b'{"name": "A"}'


@pytest.mark.parametrize("kind", ["application/json", "Application/JSON; charset=UTF-8"])
async def test_json_is_taken(kind: str) -> None:
    async with client_of(app) as client:
        taken = await client.post("/parcels", content=PARCEL, headers={"Content-Type": kind})
    assert taken.json() == "A"


@pytest.mark.parametrize(
    ("headers", "detail"),
    [
        ([], "without a Content-Type"),
        ([("Content-Type", "text/plain")], "'text/plain': send application/json"),
        ([("Content-Type", "application/json; charset=latin-1")], "which is UTF-8"),
        ([("Content-Type", "application/json")] * 2, "more than one Content-Type"),
        ([("Content-Type", "application/json"), ("Content-Encoding", "gzip")], "'gzip'"),
    ],
)
async def test_another_type_of_body_is_refused(headers: list[tuple[str, str]], detail: str) -> None:
    async with client_of(app) as client:
        found = problem(await client.post("/parcels", content=PARCEL, headers=headers))
    assert (found["status"], found["type"]) == (415, "no-json")
    assert detail in found["detail"]


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b'{"name": "A"\n x}', "line 2, column 2"),
        (b'{"name": "\xff"}', "no UTF-8, at line 1, column 11"),
        (b'{"name": NaN}', "NaN is no number of JSON"),
        (b"[" * 50_000, "nested too deeply"),
    ],
    ids=lambda value: ascii(value[:14]),
)
async def test_broken_json_is_answered_with_its_place(body: bytes, place: str) -> None:
    headers = {"Content-Type": "application/json"}
    async with client_of(app) as client:
        found = problem(await client.post("/parcels", content=body, headers=headers))
    assert (found["status"], found["type"]) == (400, "unreadable")
    assert place in found["detail"]


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        ("", 200),
        ("*/*", 200),
        ("text/html, application/*;q=0.1", 200),
        ("application/json;q=0, */*", 406),
        ("text/html", 406),
    ],
)
async def test_a_response_has_a_type_that_the_client_takes(accept: str, status: int) -> None:
    async with client_of(app) as client:
        response = await client.get("/parcels", headers={"Accept": accept})
    assert response.status_code == status
    if status == 406:
        assert problem(response)["type"] == "not-acceptable"


@pytest.mark.parametrize("query", ["limit=05", "limit=%2B5", "limit=5&limit=6", "limt=5"])
async def test_a_parameter_that_openapi_does_not_have_is_named(query: str) -> None:
    async with client_of(app) as client:
        found = problem(await client.get(f"/parcels?{query}"))
    assert found["type"] == "wrong-request"
    assert [each["field"] for each in found["errors"]] == [f"query.{query.split('=')[0]}"]


@pytest.mark.parametrize("id", ["x", "0" * 32, "{00000000-0000-0000-0000-000000000000}"])
async def test_a_uuid_has_hyphens_and_nothing_else(id: str) -> None:
    async with client_of(app) as client:
        found = problem(await client.get(f"/parcels/{id}"))
        taken = await client.get("/parcels/00000000-0000-0000-0000-000000000000")
    assert [each["field"] for each in found["errors"]] == ["path.id"]
    assert taken.status_code == 200


async def test_two_idempotency_keys_are_refused() -> None:
    headers = [("Idempotency-Key", "1"), ("Idempotency-Key", "2")]
    async with client_of(app) as client:
        found = problem(await client.post("/parcels", json={"name": "A"}, headers=headers))
    assert (found["status"], found["type"]) == (400, "key-repeated")
