"""A request that is too large is refused before anything reads it."""

from collections.abc import AsyncGenerator

import pytest
from fastapi import Request

from messagebus.adapters.fastapi import HeadAsGet, RequestLimits
from tests.fastapi.conftest import PROBLEMS, application, client_of, problem

app = application()
app.add_middleware(HeadAsGet)
app.add_middleware(RequestLimits, problems=PROBLEMS, max_body=10, max_target=20, max_headers=300)


@app.post("/parcels")
async def parcels(request: Request) -> int:
    return len(await request.body())


@app.get("/parcels")
async def no_parcels() -> list[str]:
    return []


async def chunks(number: int) -> AsyncGenerator[bytes, None]:
    for _ in range(number):
        yield b"12345"


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "in chunks"])
async def test_body_has_a_limit(announced: bool) -> None:
    async with client_of(app) as client:
        taken = await client.post("/parcels", content=b"1234567890" if announced else chunks(2))
        long = await client.post("/parcels", content=b"12345678901" if announced else chunks(3))
    assert (taken.status_code, taken.json()) == (200, 10)
    assert problem(long)["type"] == "too-large"
    assert problem(long)["detail"] == "a body has at most 10 bytes"


async def test_body_that_no_endpoint_reads_has_no_limit() -> None:
    async with client_of(app) as client:
        response = await client.post("/nothing", content=b"x" * 100)
    assert problem(response)["status"] == 404


async def test_path_and_query_have_a_limit() -> None:
    async with client_of(app) as client:
        taken = await client.get("/parcels?" + "x" * 12)
        long = await client.get("/parcels?" + "x" * 13)
    assert taken.status_code == 200
    assert problem(long)["type"] == "target-too-long"


async def test_header_fields_have_a_limit() -> None:
    async with client_of(app) as client:
        large = await client.get("/nothing", headers={"X-Large": "x" * 300})
    assert problem(large)["type"] == "headers-too-large"
    assert "300" in problem(large)["detail"]


async def test_head_has_the_headers_of_get() -> None:
    async with client_of(app) as client:
        got, head = await client.get("/parcels"), await client.head("/parcels")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers == got.headers
