"""A request that is sent again under its key: done once, answered alike."""

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx2
import pytest
import sqlalchemy as sa

from reading_club.adapters.tables import eventstore
from reading_club.bootstrap import Settings, open_club
from reading_club.entrypoints.http.once import command_id
from tests.http.conftest import EMMA, EVANS, served
from tests.http.test_routes import problem

KEY = {"Idempotency-Key": "a-broken-connection"}


async def test_the_same_key_gets_the_same_answer_and_changes_nothing(
    client: httpx2.AsyncClient,
) -> None:
    first = await client.post("/books", json=EVANS, headers=KEY)
    again = await client.post("/books", json=EVANS, headers=KEY)
    assert (again.status_code, again.content) == (201, first.content)
    assert len((await client.get("/books")).json()["books"]) == 1


async def test_a_refusal_is_answered_alike_though_it_would_be_granted_now(
    client: httpx2.AsyncClient,
) -> None:
    review = {"isbn": EVANS["isbn"], "reviewer": "Ada", "rating": 9}
    refused = await client.post("/reviews", json=review, headers=KEY)
    await client.post("/books", json=EVANS)
    await client.post("/reviewers", json={"name": "Ada"})
    again = await client.post("/reviews", json=review, headers=KEY)
    assert problem(again, 404) == "unknown-book"
    assert again.content == refused.content
    assert (await client.post("/reviews", json=review)).status_code == 201


async def test_another_request_under_a_used_key_is_refused(client: httpx2.AsyncClient) -> None:
    await client.post("/books", json=EVANS, headers=KEY)
    assert problem(await client.post("/books", json=EMMA, headers=KEY), 422) == "key-reused"
    other = await client.post("/reviewers", json={"name": "Ada"}, headers=KEY)
    assert problem(other, 422) == "key-reused"
    assert len((await client.get("/books")).json()["books"]) == 1


async def test_whoever_asks_while_the_first_still_runs_waits_for_its_answer(
    client: httpx2.AsyncClient,
) -> None:
    asking = [client.post("/books", json=EVANS, headers=KEY) for _ in range(20)]
    answers = await asyncio.gather(*asking)
    assert {each.status_code for each in answers} == {201}
    assert len({each.content for each in answers}) == 1


@pytest.mark.parametrize("key", ["", "x" * 256, "with space", "übung".encode()])
async def test_a_key_that_is_no_plain_text_is_refused(
    client: httpx2.AsyncClient, key: str | bytes
) -> None:
    response = await client.post("/books", json=EVANS, headers={b"Idempotency-Key": _bytes(key)})
    assert problem(response, 422) == "wrong-request"
    assert (await client.get("/books")).json()["books"] == []


async def test_messages_belong_to_the_request_that_gave_rise_to_them(settings: Settings) -> None:
    async with served(settings) as client:
        await client.post("/books", json=EVANS, headers={"X-Request-ID": "order-7"})
    rows = await journal(settings)
    assert [row.correlation_id for row in rows] == ["order-7", "order-7"]
    assert rows[1].causation_id == rows[0].id


async def test_the_key_decides_the_command_s_id(settings: Settings) -> None:
    async with served(settings) as client:
        await client.post("/books", json=EVANS, headers=KEY)
    command, event = (row.id for row in await journal(settings))
    assert command == str(command_id(KEY["Idempotency-Key"]))
    assert event != command


async def journal(settings: Settings) -> Sequence[sa.Row[Any]]:
    """The rows of the event store."""
    async with open_club(settings) as club:
        query = eventstore.table.select()
        return await club.database.run(lambda connection: connection.execute(query).all())


def _bytes(key: str | bytes) -> bytes:
    return key if isinstance(key, bytes) else key.encode()
