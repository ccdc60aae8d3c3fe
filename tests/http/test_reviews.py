"""A review is read, revised and withdrawn, by its own reviewer, in the version that was read."""

import asyncio
from collections.abc import Mapping
from typing import Any

import httpx2
import pytest

from tests.http.conftest import EVANS
from tests.http.test_routes import problem

REVIEW = {"isbn": EVANS["isbn"], "reviewer": "Ada", "rating": 9, "comment": "Read it twice."}
REVISED = {"reviewer": "Ada", "rating": 7, "comment": "Read it again."}
NOBODY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
async def review(client: httpx2.AsyncClient) -> httpx2.Response:
    """The answer to a first review, of the only book, by Ada; Bob is a member too."""
    await client.post("/books", json=EVANS)
    for name in ("Ada", "Bob"):
        await client.post("/reviewers", json={"name": name})
    return await client.post("/reviews", json=REVIEW)


def under(tag: str, **headers: str) -> Mapping[str, str]:
    return {"If-Match": tag, **headers}


async def put(
    client: httpx2.AsyncClient, path: str, tag: str, **changes: object
) -> httpx2.Response:
    return await client.put(path, json={**REVISED, **changes}, headers=under(tag))


async def delete(
    client: httpx2.AsyncClient, path: str, tag: str, reviewer: str = "Ada", **headers: str
) -> httpx2.Response:
    return await client.delete(path, params={"reviewer": reviewer}, headers=under(tag, **headers))


async def rating(client: httpx2.AsyncClient) -> tuple[int, float | None]:
    (book,) = (await client.get("/books")).json()["books"]
    return book["reviews"], book["rating"]


async def test_a_review_is_read_and_revised_under_the_tag_of_its_version(
    client: httpx2.AsyncClient, review: httpx2.Response
) -> None:
    path = review.headers["location"]
    read = await client.get(path)
    assert read.json() == review.json() == {"id": review.json()["id"], **REVIEW}
    assert read.headers["etag"] == review.headers["etag"] == '"1"'

    revised = await put(client, path, read.headers["etag"])
    assert revised.status_code == 200
    assert revised.json() == {**review.json(), **REVISED}
    assert revised.headers["etag"] == '"2"'
    again = await client.get(path)
    assert (again.json(), again.headers["etag"]) == (revised.json(), '"2"')
    assert await rating(client) == (1, 7.0)


async def test_a_withdrawn_review_is_gone_and_the_book_may_be_reviewed_anew(
    client: httpx2.AsyncClient, review: httpx2.Response
) -> None:
    path = review.headers["location"]
    withdrawn = await delete(client, path, '"1"')
    assert (withdrawn.status_code, withdrawn.content) == (204, b"")
    assert "etag" not in withdrawn.headers
    assert await rating(client) == (0, None)
    for answer in (
        await client.get(path),
        await put(client, path, '"1"'),
        await put(client, path, "*"),
        await delete(client, path, '"1"'),
        await delete(client, path, "*"),
    ):
        assert problem(answer, 404) == "no-such-review"

    anew = await client.post("/reviews", json={**REVIEW, "rating": 3})
    assert anew.status_code == 201
    assert anew.headers["location"] != path
    assert await rating(client) == (1, 3.0)


async def test_only_the_version_that_was_read_is_changed(
    client: httpx2.AsyncClient, review: httpx2.Response
) -> None:
    path = review.headers["location"]
    await put(client, path, '"1"')
    for tag in ('"1"', '"3"', 'W/"2"', '"two"', '""', '"02"', '"1", W/"2"', '"99999999999"'):
        assert problem(await put(client, path, tag, rating=1), 412) == "stale-version", tag
        assert problem(await delete(client, path, tag), 412) == "stale-version", tag
    assert (await client.get(path)).headers["etag"] == '"2"'
    assert (await put(client, path, 'W/"1", "2" , "9"')).headers["etag"] == '"3"'
    assert (await put(client, path, "*")).headers["etag"] == '"4"'
    lines = [("If-Match", '"1"'), ("If-Match", '"4"')]
    assert (await client.put(path, json=REVISED, headers=lines)).headers["etag"] == '"5"'
    assert (await delete(client, path, "*")).status_code == 204


async def test_a_change_names_the_version_that_was_read(
    client: httpx2.AsyncClient, review: httpx2.Response
) -> None:
    path = review.headers["location"]
    own = {"reviewer": "Ada"}
    for headers in ({}, {"If-Match": ""}):
        missing = await client.put(path, json=REVISED, headers=headers)
        assert problem(missing, 428) == "precondition-missing"
        missing = await client.delete(path, params=own, headers=headers)
        assert problem(missing, 428) == "precondition-missing"
    for tag in ("1", '"1', '"1" "2"', '"1", *', 'w/"1"', "'1'", '"a b"'):
        wrong = await client.put(path, json=REVISED, headers={"If-Match": tag})
        assert problem(wrong, 422) == "wrong-request"
        assert [each["field"] for each in wrong.json()["errors"]] == ["header.If-Match"]
    assert (await client.get(path)).headers["etag"] == '"1"'


@pytest.mark.parametrize("name", ["Bob", "Nobody"])
async def test_another_member_s_review_is_not_changed(
    client: httpx2.AsyncClient, review: httpx2.Response, name: str
) -> None:
    path = review.headers["location"]
    assert problem(await put(client, path, '"1"', reviewer=name), 403) == "not-the-reviewer"
    assert problem(await delete(client, path, '"1"', name), 403) == "not-the-reviewer"
    assert (await client.get(path)).json() == review.json()


async def test_a_change_says_whose_review_it_is(
    client: httpx2.AsyncClient, review: httpx2.Response
) -> None:
    path = review.headers["location"]
    body = {"rating": 7, "comment": ""}
    unnamed = await client.put(path, json=body, headers=under('"1"'))
    assert [each["field"] for each in unnamed.json()["errors"]] == ["body.reviewer"]
    unnamed = await client.delete(path, headers=under('"1"'))
    assert problem(unnamed, 422) == "wrong-request"
    assert [each["field"] for each in unnamed.json()["errors"]] == ["query.reviewer"]


async def test_a_change_that_is_sent_again_under_its_key_gets_the_first_answer(
    client: httpx2.AsyncClient, review: httpx2.Response
) -> None:
    path = review.headers["location"]
    headers = under('"1"', **{"Idempotency-Key": "revise"})
    first = await client.put(path, json=REVISED, headers=headers)
    await put(client, path, '"2"', rating=1)
    gone = await delete(client, path, '"3"', **{"Idempotency-Key": "withdraw"})
    assert (first.status_code, gone.status_code) == (200, 204)

    again = await client.put(path, json=REVISED, headers=headers)
    assert (again.status_code, again.content) == (200, first.content)
    kept = ("etag", "content-type")
    assert [again.headers[name] for name in kept] == [first.headers[name] for name in kept]
    again = await delete(client, path, '"3"', **{"Idempotency-Key": "withdraw"})
    assert (again.status_code, again.content) == (204, b"")


async def test_an_idempotency_key_covers_the_whole_request(
    client: httpx2.AsyncClient, review: httpx2.Response
) -> None:
    path = review.headers["location"]
    key = {"Idempotency-Key": "revise"}
    stale = await client.put(path, json=REVISED, headers=under('"9"', **key))
    assert problem(stale, 412) == "stale-version"
    others: list[dict[str, Any]] = [
        {"method": "PUT", "json": REVISED, "headers": under('"1"', **key)},
        {"method": "PUT", "json": {**REVISED, "rating": 1}, "headers": under('"9"', **key)},
        {"method": "DELETE", "params": {"reviewer": "Ada"}, "headers": under('"9"', **key)},
    ]
    for other in others:
        assert problem(await client.request(url=path, **other), 422) == "key-reused"
    again = await client.put(path, json=REVISED, headers=under('"9"', **key))
    assert (again.status_code, again.content) == (412, stale.content)


async def test_of_two_that_change_one_version_at_once_one_is_told_that_it_is_stale(
    client: httpx2.AsyncClient,
) -> None:
    """Others revise reviews of the same book: its rating is counted again, no tag compared late."""
    await client.post("/books", json=EVANS)
    names = [f"member {number}" for number in range(6)]
    paths: dict[str, str] = {}
    for name in names:
        await client.post("/reviewers", json={"name": name})
        made = await client.post("/reviews", json={**REVIEW, "reviewer": name})
        paths[name] = made.headers["location"]
    asking = [
        put(client, path, '"1"', reviewer=name, rating=stars)
        for name, path in paths.items()
        for stars in (1, 2)
    ]
    responses = await asyncio.gather(*asking)
    pairs = zip(responses[::2], responses[1::2], strict=True)
    assert [sorted(each.status_code for each in pair) for pair in pairs] == [[200, 412]] * 6
    kept = [(await client.get(path)).json()["rating"] for path in paths.values()]
    assert await rating(client) == (6, sum(kept) / 6)
