"""The server takes what its OpenAPI says and no more, and each refusal is one that it names."""

import asyncio
from typing import Any

import httpx2
import pytest

from messagebus.adapters.fastapi.limits import MAX_HEADERS, MAX_TARGET
from reading_club.bootstrap import Settings
from tests.http.conftest import EMMA, EVANS, served
from tests.http.test_routes import PROBLEM, problem
from tests.waiting import TIMEOUT

JSON = "application/json"
NOBODY = "00000000-0000-0000-0000-000000000000"
BOOK = b'{"isbn": "978-0-14-143958-7", "title": "Emma", "author": "Jane Austen"}'


@pytest.mark.parametrize(
    "path", ["/books", "/books/{id}", "/books?limit=0", "/books/x", "/readyz", "/livez", "/nothing"]
)
async def test_head_has_the_headers_of_get_and_no_body(file_settings: Settings, path: str) -> None:
    async with served(file_settings) as client:
        path = path.format(id=(await client.post("/books", json=EVANS)).json()["id"])
        headers = {"X-Request-ID": "same"}
        got, headed = (
            await client.get(path, headers=headers),
            await client.head(path, headers=headers),
        )
    assert headed.status_code == got.status_code
    assert headed.content == b""
    assert {**headed.headers, "date": ""} == {**got.headers, "date": ""}


async def test_head_of_the_feed_ends(file_settings: Settings) -> None:
    async with served(file_settings) as client:
        headed = await client.head("/events")
        async with client.stream("GET", "/events") as got:
            assert {"content-type", "cache-control", "x-accel-buffering"} <= set(got.headers)
    assert headed.status_code == 200
    assert headed.headers["content-type"].startswith("text/event-stream")
    assert headed.headers["x-accel-buffering"] == "no"


async def test_a_method_that_a_path_has_not_is_told_those_that_it_has(
    file_settings: Settings,
) -> None:
    async with served(file_settings) as client:
        for path, allowed in (("/books", "GET, HEAD, POST"), (f"/books/{NOBODY}", "GET, HEAD")):
            refused = await client.delete(path)
            assert problem(refused, 405) == "about:blank"
            assert refused.headers["allow"] == allowed


@pytest.mark.parametrize(
    "kind",
    [
        None,
        "",
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/problem+json",
        "application/json, text/plain",
        "application/jsonl",
        "application/json; charset=utf-16",
        "application/json; charset=latin-1",
    ],
)
async def test_another_type_of_body_than_json_is_named(
    file_settings: Settings, kind: str | None
) -> None:
    async with served(file_settings) as client:
        headers = {} if kind is None else {"Content-Type": kind}
        refused = await client.post("/books", content=BOOK, headers=headers)
        assert problem(refused, 415) == "no-json"
        assert (kind or "Content-Type") in refused.json()["detail"] or kind == ""
        assert JSON in refused.json()["detail"]
        squeezed = {"Content-Type": JSON, "Content-Encoding": "gzip"}
        refused = await client.post("/books", content=BOOK, headers=squeezed)
        assert problem(refused, 415) == "no-json"
        assert (await client.get("/books")).json()["books"] == []


@pytest.mark.parametrize(
    "kind", [JSON, "Application/JSON", f"{JSON};charset=UTF-8", f'{JSON} ; charset="utf-8"']
)
async def test_json_is_taken_however_its_type_is_written(
    file_settings: Settings, kind: str
) -> None:
    async with served(file_settings) as client:
        made = await client.post("/books", content=BOOK, headers={"Content-Type": kind})
    assert made.status_code == 201


async def test_no_body_at_all_is_a_missing_one(file_settings: Settings) -> None:
    async with served(file_settings) as client:
        refused = await client.post("/books")
    assert problem(refused, 422) == "wrong-request"


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (b'{"isbn": "978",\n "title": }', "line 2, column 11"),
        (b'{"isbn": 1,\n\n', "line 3, column 1"),
        (b'{"isbn":\n "\xff"}', "line 2, column 3"),
        (b"{'isbn': 1}", "line 1, column 2"),
        (b"{} {}", "line 1, column 4"),
        (b"\xef\xbb\xbf{}", "line 1, column 1"),
        ("{}".encode("utf-16"), "line 1, column 1"),
        (b'{"isbn": NaN}', "NaN"),
        (b'{"isbn": 1' + b"0" * 5_000 + b"}", "digits"),
        (b"[" * 50_000, "nested too deeply"),
    ],
    ids=lambda body: ascii(body[:20]),
)
async def test_broken_json_is_told_where(file_settings: Settings, body: bytes, place: str) -> None:
    async with served(file_settings) as client:
        refused = await client.post("/books", content=body, headers={"Content-Type": JSON})
    assert problem(refused, 400) == "unreadable"
    assert place in refused.json()["detail"]


@pytest.mark.parametrize("rating", ['"9"', "9.0", "9e0", "true", "null", "[9]", "11", "0"])
async def test_a_rating_that_is_no_integer_is_rejected(
    file_settings: Settings, rating: str
) -> None:
    async with served(file_settings) as client:
        await client.post("/books", json=EMMA)
        await client.post("/reviewers", json={"name": "Ada"})
        body = f'{{"isbn": "{EMMA["isbn"]}", "reviewer": "Ada", "rating": {rating}}}'
        refused = await client.post("/reviews", content=body, headers={"Content-Type": JSON})
        assert problem(refused, 422) == "wrong-request"
        assert [each["field"] for each in refused.json()["errors"]] == ["body.rating"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        *((f"limit={each}", "limit") for each in ("%2B5", "%205", "5%20", "5_0", "%D9%A3", "5.0")),
        *(
            (f"limit={each}", "limit")
            for each in ("05", "", "0x5", "5e0", "101", "0", "-1", "9" * 30)
        ),
        ("limit=5&limit=6", "limit"),
        ("limt=5", "limt"),
        ("after=x", "after"),
        ("after=", "after"),
        (f"after={NOBODY.replace('-', '')}", "after"),
        (f"after=urn:uuid:{NOBODY}", "after"),
        (f"after=%7B{NOBODY}%7D", "after"),
        (f"after={NOBODY}%20", "after"),
    ],
)
@pytest.mark.parametrize("path", ["/books", "/reviewers"])
async def test_a_wrong_number_cursor_or_parameter_is_named(
    file_settings: Settings, path: str, query: str, field: str
) -> None:
    async with served(file_settings) as client:
        refused = await client.get(f"{path}?{query}")
    assert problem(refused, 422) == "wrong-request"
    assert {each["field"] for each in refused.json()["errors"]} == {f"query.{field}"}


async def test_a_cursor_that_no_page_had_is_refused(client: httpx2.AsyncClient) -> None:
    book = (await client.post("/books", json=EMMA)).json()["id"]
    reviewer = (await client.post("/reviewers", json={"name": "Ada"})).json()["id"]
    wrong = [("/books", NOBODY), ("/books", reviewer), ("/reviewers", NOBODY), ("/reviewers", book)]
    for path, cursor in wrong:
        assert problem(await client.get(f"{path}?after={cursor}"), 422) == "unknown-cursor"
    assert (await client.get(f"/books?after={book}")).json() == {"books": [], "next": None}


@pytest.mark.parametrize(
    ("accept", "taken"),
    [
        (None, True),
        ("", True),
        ("*/*", True),
        ("application/*;q=0.1", True),
        ("text/html, Application/JSON", True),
        ("application/json; charset=utf-8", True),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", True),
        ("*/*;q=0, application/json", True),
        ("text/html", False),
        ("application/xml, text/*", False),
        ("application/json;q=0", False),
        ("application/json; q=0.000, */*", False),
        ("application/*;q=0.0, */*", False),
    ],
)
async def test_an_answer_is_of_a_type_that_the_client_takes(
    file_settings: Settings, accept: str | None, taken: bool
) -> None:
    async with served(file_settings) as client:
        del client.headers["accept"]
        headers = {} if accept is None else {"Accept": accept}
        responses = [
            await client.get("/books", headers=headers),
            await client.post("/books", json=EVANS, headers=headers),
        ]
        kept = (await client.get("/books")).json()["books"]
    if taken:
        assert [each.status_code for each in responses] == [200, 201]
    else:
        assert {problem(each, 406) for each in responses} == {"not-acceptable"}
        assert all(JSON in each.json()["detail"] for each in responses)
    assert len(kept) == taken


async def test_the_feed_is_for_those_who_take_it(file_settings: Settings) -> None:
    async with served(file_settings) as client:
        assert problem(await client.get("/events", headers={"Accept": JSON}), 406)
        wanted = {"Accept": "text/event-stream"}
        assert (await client.head("/events", headers=wanted)).status_code == 200


@pytest.mark.parametrize("path", ["/books", "/livez", "/nothing"])
async def test_a_target_or_header_fields_that_are_too_large_are_refused(
    file_settings: Settings, path: str
) -> None:
    async with served(file_settings) as client:
        long = await client.get(f"{path}?{'x' * MAX_TARGET}")
        assert problem(long, 414) == "target-too-long"
        assert str(MAX_TARGET) in long.json()["detail"]
        large = await client.get(path, headers={"X-Large": "x" * MAX_HEADERS})
        assert problem(large, 431) == "headers-too-large"
        assert str(MAX_HEADERS) in large.json()["detail"]
        assert (await client.get("/livez", headers={"X-Large": "x" * 31_000})).status_code == 204


@pytest.mark.parametrize("head", [(b"GET /?" + b"x" * 65_537)[:65_537], b"nonsense\r\n\r\n"])
async def test_a_request_that_the_server_cannot_parse_is_400_in_plain_text(
    file_settings: Settings, head: bytes
) -> None:
    async with served(file_settings) as client:
        url = client.base_url
        reader, writer = await asyncio.open_connection(url.host, url.port)
        writer.write(head)
        answer = await asyncio.wait_for(reader.read(), TIMEOUT)
        writer.close()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"text/plain" in answer


async def test_each_refusal_is_of_a_type_that_the_document_names(
    file_settings: Settings,
) -> None:
    long = {"content": b" " * 70_000, "headers": {"Content-Type": JSON}}
    broken = {"content": b"{", "headers": {"Content-Type": JSON}}
    other = {"content": b"x", "headers": {"Content-Type": "text/plain"}}
    any_request: list[dict[str, Any]] = [
        {"params": {"x": "x" * MAX_TARGET}},
        {"headers": {"X-Large": "x" * MAX_HEADERS}},
    ]
    keys = [("Idempotency-Key", "1"), ("Idempotency-Key", "2")]
    async with asyncio.timeout(TIMEOUT), served(file_settings) as client:
        document: dict[str, Any] = (await client.get("/openapi.json")).json()
        outcomes: list[tuple[str, str, httpx2.Response]] = []
        for path, operations in document["paths"].items():
            for method, operation in operations.items():
                place = path.format(id=NOBODY)
                tried = [*any_request]
                if path not in ("/livez", "/readyz"):
                    tried += [{"params": {"no": "such"}}, {"headers": {"Accept": "text/html"}}]
                if "requestBody" in operation:
                    tried += [long, broken, other, {"json": {}}, {"json": [1]}]
                    tried += [{"json": {}, "headers": keys}]
                if "{id}" in path:
                    tried.append({})
                if any(each["name"] == "after" for each in operation.get("parameters", ())):
                    tried += [{"params": {"after": NOBODY}}, {"params": {"after": "x"}}]
                for request in tried:
                    answer = await client.request(method, place, **request)
                    outcomes.append((path, method, answer))
                if "{id}" in path:
                    outcomes.append((path, method, await client.request(method, path)))
        await client.post("/books", json=EMMA)
        await client.post("/reviewers", json={"name": "Ada"})
        review = {"isbn": EMMA["isbn"], "reviewer": "Ada", "rating": 9}
        kept = (await client.post("/reviews", json=review)).headers["location"]
        for tag, reviewer in (('"2"', "Ada"), ('"1"', "Bob"), ("1", "Ada"), ("", "Ada")):
            headers, named = {"If-Match": tag}, {"reviewer": reviewer}
            for place in (kept, f"/reviews/{NOBODY}"):
                body = {"rating": 1, **named}
                revised = await client.put(place, json=body, headers=headers)
                withdrawn = await client.delete(place, params=named, headers=headers)
                outcomes += [("/reviews/{id}", "put", revised)]
                outcomes += [("/reviews/{id}", "delete", withdrawn)]
    assert len(outcomes) > 90
    assert {403, 404, 406, 412, 414, 415, 422, 428, 431} <= {
        each[2].status_code for each in outcomes
    }
    for path, method, answer in outcomes:
        responses = document["paths"][path][method]["responses"]
        named = responses[str(answer.status_code)]["content"]["application/problem+json"]
        kinds = named["schema"]["allOf"][1]["properties"]["type"]["enum"]
        assert f"{PROBLEM}{problem(answer, answer.status_code)}" in kinds
