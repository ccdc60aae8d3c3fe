"""A request that is sent again under its key: done once, answered alike."""

import asyncio
import hashlib
import json
from collections.abc import AsyncGenerator, Sequence
from itertools import count
from typing import Any
from uuid import UUID

import httpx2
import pytest
import sqlalchemy as sa
from fastapi import APIRouter, Response
from pydantic import BaseModel
from result import Ok, Result

from messagebus import Command
from messagebus.adapters.fastapi import StrictRoute, command_id, no_content, ok
from messagebus.adapters.sqlalchemy import Migrations, open_database
from reading_club.adapters import schema
from reading_club.adapters.tables import eventstore, metadata
from reading_club.bootstrap import Settings, open_club
from reading_club.domain.results import BookRepositoryError
from reading_club.entrypoints.http.app import create_app
from reading_club.entrypoints.http.bodies import NewReviewer
from reading_club.entrypoints.http.commands import Commands
from reading_club.service.uow import AbstractUnitOfWork
from tests.http.conftest import EMMA, EVANS, served
from tests.http.test_routes import problem

ADA = {"name": "Ada"}
KEY = {"Idempotency-Key": "a-broken-connection"}
BEFORE = sa.table("answers", *map(sa.column, ("key", "digest", "status", "body")))
"""The table without the columns of today."""


async def test_the_same_key_gets_the_same_answer_and_changes_nothing(
    client: httpx2.AsyncClient,
) -> None:
    first = await client.post("/books", json=EVANS, headers=KEY)
    again = await client.post("/books", json=EVANS, headers=KEY)
    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["content-type"] == "application/json"
    assert len((await client.get("/books")).json()["books"]) == 1


async def test_a_new_resource_is_found_at_its_location(client: httpx2.AsyncClient) -> None:
    for path, body in (("/books", EVANS), ("/reviewers", {"name": "Ada"})):
        made = await client.post(path, json=body)
        found = await client.get(made.headers["location"])
        assert found.json() == made.json()


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
    responses = await asyncio.gather(*asking)
    assert {each.status_code for each in responses} == {201}
    assert len({each.content for each in responses}) == 1


@pytest.mark.parametrize("keys", [("1", "2"), ("1", "1"), ("", "1")])
async def test_two_keys_are_refused_by_a_problem_of_their_own(
    client: httpx2.AsyncClient, keys: tuple[str, str]
) -> None:
    headers = [("Idempotency-Key", key) for key in keys]
    refused = await client.post("/books", json=EVANS, headers=headers)
    assert problem(refused, 400) == "key-repeated"
    assert (await client.get("/books")).json()["books"] == []


async def test_a_key_that_the_release_before_has_taken_is_answered_as_then(
    each_url: str, settings: Settings
) -> None:
    kept = {"id": str(UUID(int=1)), "name": "Ada"}
    body = json.dumps(kept, separators=(",", ":"))
    row = {
        "key": KEY["Idempotency-Key"],
        "digest": hashlib.sha256(b'/reviewers {"name":"Ada"}').hexdigest(),
        "status": 201,
        "body": body,
    }
    database = open_database(each_url)
    await Migrations("reading_club:migrations", metadata, "0005").migrate(database)
    await database.run(lambda connection: connection.execute(BEFORE.insert(), row))
    await schema.migrate(database)
    await database.close()
    async with served(settings) as client:
        answer = await client.post("/reviewers", json={"name": "Ada"}, headers=KEY)
        other = await client.post("/books", json=EVANS, headers=KEY)
    assert (answer.status_code, answer.text) == (201, body)
    assert answer.headers["content-type"] == "application/json"
    assert problem(other, 422) == "key-reused"


class Count(Command[Result[int, BookRepositoryError]]):
    """Ask for a number that is another one each time."""


class Counted(BaseModel):
    """How often it was asked for."""

    times: int


router = APIRouter(route_class=StrictRoute)


@router.put("/counted")
async def counted(body: NewReviewer, commands: Commands) -> Response:
    return await commands.handle(Count(), body, lambda times: ok(Counted(times=times)))


@router.delete("/counted")
async def forgotten(body: NewReviewer, commands: Commands) -> Response:
    return await commands.handle(Count(), body, lambda _: no_content())


@pytest.fixture
async def counting(settings: Settings) -> AsyncGenerator[httpx2.AsyncClient, None]:
    """A client of an application with endpoints whose handler counts its calls."""
    calls = count(1)

    async def counted(cmd: Count, uow: AbstractUnitOfWork) -> Result[int, BookRepositoryError]:
        return Ok(next(calls))

    async with open_club(settings) as club:
        club.bus.add_listener(Count, counted)
        app = create_app(club)
        app.include_router(router)
        transport = httpx2.ASGITransport(app)
        async with httpx2.AsyncClient(transport=transport, base_url="http://club") as client:
            yield client


async def test_an_endpoint_answers_with_what_its_handler_returned(
    counting: httpx2.AsyncClient,
) -> None:
    first, second = [await counting.put("/counted", json=ADA) for _ in range(2)]
    assert (first.status_code, first.json(), second.json()) == (200, {"times": 1}, {"times": 2})


async def test_an_answer_without_a_body_is_kept_like_any_other(
    counting: httpx2.AsyncClient,
) -> None:
    for key in ({}, KEY, KEY):
        answer = await counting.request("DELETE", "/counted", json=ADA, headers=key)
        assert (answer.status_code, answer.content) == (204, b"")
        assert "content-type" not in answer.headers
    assert (await counting.put("/counted", json=ADA)).json() == {"times": 3}


async def test_method_and_if_match_belong_to_what_is_asked_under_a_key(
    counting: httpx2.AsyncClient,
) -> None:
    first = await counting.put("/counted", json=ADA, headers={**KEY, "If-Match": '"1"'})
    again = await counting.put("/counted", json=ADA, headers={**KEY, "If-Match": '"1"'})
    assert again.content == first.content
    for method, match in (("PUT", '"2"'), ("PUT", None), ("DELETE", '"1"')):
        headers = KEY if match is None else {**KEY, "If-Match": match}
        other = await counting.request(method, "/counted", json=ADA, headers=headers)
        assert problem(other, 422) == "key-reused"


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
