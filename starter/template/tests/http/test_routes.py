"""What is asked over HTTP, on a server that listens, and what it answers."""

import asyncio
import json

import httpx2

from tests.http.conftest import open_feed
from tests.waiting import TIMEOUT

FIRST = {"name": "The first"}
KEY = {"Idempotency-Key": "1"}
ANY = {"If-Match": "*"}
NOBODY = "00000000-0000-0000-0000-000000000000"


async def test_a_registered_‹aggregate›_is_listed_found_and_published(client: httpx2.AsyncClient) -> None:
    made = (await client.post("/‹aggregates›", json=FIRST)).json()
    assert made == {"id": made["id"], **FIRST}
    assert (await client.get("/‹aggregates›")).json() == {"‹aggregates›": [made], "next": None}
    assert (await client.get(f"/‹aggregates›/{made['id']}")).json() == made
    async with asyncio.timeout(TIMEOUT), open_feed(client) as events:
        event = await anext(events)
    assert json.loads(event["data"]["payload"]) == made


async def test_a_request_that_is_sent_again_under_its_key_is_done_once(
    client: httpx2.AsyncClient,
) -> None:
    requests = [client.post("/‹aggregates›", json=FIRST, headers=KEY) for _ in range(5)]
    responses = await asyncio.gather(*requests)
    assert {each.status_code for each in responses} == {201}
    assert len({each.content for each in responses}) == 1
    other = await client.post("/‹aggregates›", json={"name": "Another"}, headers=KEY)
    assert other.status_code == 422


async def test_an_error_of_a_handler_is_a_problem(client: httpx2.AsyncClient) -> None:
    await client.post("/‹aggregates›", json=FIRST)
    other = (await client.post("/‹aggregates›", json={"name": "Another"})).json()["id"]
    for response, status in (
        (await client.post("/‹aggregates›", json=FIRST), 409),
        (await client.put(f"/‹aggregates›/{other}", json=FIRST, headers=ANY), 409),
        (await client.put(f"/‹aggregates›/{other}", json=FIRST), 428),
        (await client.put(f"/‹aggregates›/{NOBODY}", json=FIRST, headers=ANY), 404),
        (await client.post("/‹aggregates›", json={"nam": "x"}), 422),
        (await client.get(f"/‹aggregates›/{NOBODY}"), 404),
    ):
        assert response.status_code == response.json()["status"] == status
        assert response.headers["content-type"] == "application/problem+json"


async def test_a_renamed_‹aggregate›_is_found_and_published_under_its_new_name(
    client: httpx2.AsyncClient,
) -> None:
    made = (await client.post("/‹aggregates›", json=FIRST)).json()
    path, renamed = f"/‹aggregates›/{made['id']}", {"id": made["id"], "name": "The last"}
    headers = {**KEY, "If-Match": (await client.get(path)).headers["ETag"]}
    for _ in range(2):
        response = await client.put(path, json={"name": "The last"}, headers=headers)
        assert (response.status_code, response.json()) == (200, renamed)
    assert (await client.get(path)).json() == renamed
    async with asyncio.timeout(TIMEOUT), open_feed(client) as events:
        told = [json.loads((await anext(events))["data"]["payload"]) for _ in range(2)]
    assert told == [made, {**renamed, "previous_name": "The first"}]


async def test_of_twelve_who_have_read_one_version_one_changes_it(
    client: httpx2.AsyncClient,
) -> None:
    path = (await client.post("/‹aggregates›", json=FIRST)).headers["Location"]
    read = {"If-Match": (await client.get(path)).headers["ETag"]}
    changes = [client.put(path, json={"name": f"{name}"}, headers=read) for name in range(12)]
    responses = sorted(each.status_code for each in await asyncio.gather(*changes))
    assert responses == [200, *[412] * 11]


async def test_a_service_that_works_is_ready(client: httpx2.AsyncClient) -> None:
    assert (await client.get("/livez")).status_code == 204
    assert (await client.get("/readyz")).json()["ready"] is True
