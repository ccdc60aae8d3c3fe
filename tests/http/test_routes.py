"""What people ask of the club over HTTP, and what it answers."""

from typing import Any

import httpx2
import pytest

from tests.http.conftest import EMMA, EVANS

PROBLEM = "urn:reading-club:problem:"


def problem(response: httpx2.Response, status: int) -> str:
    """What kind of problem a response says."""
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    return str(body["type"]).removeprefix(PROBLEM)


async def test_a_registered_book_is_on_the_shelf_with_its_ratings(
    client: httpx2.AsyncClient,
) -> None:
    made = await client.post("/books", json=EVANS)
    assert made.status_code == 201
    book = made.json()
    assert book == {"id": book["id"], **EVANS, "reviews": 0, "rating": None}

    assert (await client.post("/reviewers", json={"name": "Ada"})).status_code == 201
    review = {"isbn": "9780321125217", "reviewer": "Ada", "rating": 9}
    kept = await client.post("/reviews", json=review)
    assert kept.status_code == 201
    assert kept.json() == {"id": kept.json()["id"], **review, "comment": ""}

    rated = {**book, "reviews": 1, "rating": 9.0}
    assert (await client.get(f"/books/{book['id']}")).json() == rated
    assert (await client.get("/books")).json() == {"books": [rated], "next": None}


async def test_each_error_of_the_club_is_a_problem_of_its_own_type(
    client: httpx2.AsyncClient,
) -> None:
    review = {"isbn": EVANS["isbn"], "reviewer": "Ada", "rating": 9}
    assert problem(await client.post("/reviews", json=review), 404) == "unknown-book"
    await client.post("/books", json=EVANS)
    assert problem(await client.post("/books", json=EVANS), 409) == "book-registered"
    assert problem(await client.post("/reviews", json=review), 404) == "unknown-reviewer"
    await client.post("/reviewers", json={"name": "Ada"})
    again = await client.post("/reviewers", json={"name": "Ada"})
    assert problem(again, 409) == "reviewer-registered"
    await client.post("/reviews", json=review)
    assert problem(await client.post("/reviews", json=review), 409) == "already-reviewed"
    nothing = await client.get("/books/00000000-0000-0000-0000-000000000000")
    assert problem(nothing, 404) == "no-such-book"


async def test_a_name_that_no_index_holds_or_that_is_known_by_another_spelling_is_a_problem(
    client: httpx2.AsyncClient,
) -> None:
    huge = "".join(chr(0x4E00 + number) for number in range(9_000))
    assert problem(await client.post("/reviewers", json={"name": huge}), 422) == "wrong-request"
    made = await client.post("/reviewers", json={"name": "Rene\N{COMBINING ACUTE ACCENT}"})
    name = "Ren\N{LATIN SMALL LETTER E WITH ACUTE}"
    assert made.json()["name"] == name
    again = await client.post("/reviewers", json={"name": f" {name}\N{ZERO WIDTH SPACE}"})
    assert problem(again, 409) == "reviewer-registered"


async def test_reviewers_are_listed_and_found(client: httpx2.AsyncClient) -> None:
    made = [
        (await client.post("/reviewers", json={"name": name})).json() for name in ("Ada", "Bob")
    ]
    page = (await client.get("/reviewers", params={"limit": 1})).json()
    assert page == {"reviewers": made[:1], "next": made[0]["id"]}
    rest = (await client.get("/reviewers", params={"after": page["next"]})).json()
    assert rest == {"reviewers": made[1:], "next": None}
    assert (await client.get(f"/reviewers/{made[1]['id']}")).json() == made[1]
    nobody = await client.get("/reviewers/00000000-0000-0000-0000-000000000000")
    assert problem(nobody, 404) == "no-such-reviewer"


async def test_the_shelf_comes_in_pages_to_its_end(client: httpx2.AsyncClient) -> None:
    isbns = ["978-0-14-143958-7", "978-0-14-143951-8", "978-0-14-143966-2"]
    for number, isbn in enumerate(isbns):
        await client.post("/books", json={"isbn": isbn, "title": f"{number}", "author": "Austen"})
    titles: list[str] = []
    page = (await client.get("/books", params={"limit": 1})).json()
    while page["next"]:
        titles += [book["title"] for book in page["books"]]
        page = (await client.get("/books", params={"limit": 1, "after": page["next"]})).json()
    titles += [book["title"] for book in page["books"]]
    assert titles == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({**EMMA, "isbn": "978-0-14-143958-8"}, "body.isbn"),
        ({**EMMA, "title": "  "}, "body.title"),
        ({**EMMA, "title": "Em\0ma"}, "body.title"),
        ({**EMMA, "titel": "Emma"}, "body.titel"),
        ({"isbn": EMMA["isbn"], "title": "Emma"}, "body.author"),
        ([], "body"),
    ],
)
async def test_a_wrong_request_is_told_which_field_and_why(
    client: httpx2.AsyncClient, body: object, field: str
) -> None:
    response = await client.post("/books", json=body)
    assert problem(response, 422) == "wrong-request"
    assert [each["field"] for each in response.json()["errors"]] == [field]
    assert (await client.get("/books")).json()["books"] == []


async def test_an_unknown_path_or_method_is_a_problem_too(client: httpx2.AsyncClient) -> None:
    assert problem(await client.get("/nothing"), 404) == "about:blank"
    refused = await client.delete("/books")
    assert problem(refused, 405) == "about:blank"
    assert refused.headers["Allow"] == "GET, HEAD, POST"
    unreadable = await client.post(
        "/books", content=b"\xff{", headers={"Content-Type": "application/json"}
    )
    assert problem(unreadable, 400) == "unreadable"


async def test_a_body_without_end_is_refused_before_it_is_kept(
    client: httpx2.AsyncClient,
) -> None:
    long = await client.post("/books", json={**EMMA, "title": "x" * 70_000})
    assert problem(long, 413) == "too-large"
    assert (await client.get("/books")).json()["books"] == []


async def test_a_surrogate_that_is_no_character_is_refused(client: httpx2.AsyncClient) -> None:
    for body in (
        rb'{"isbn": "0-321-12521-5", "title": "\ud800", "author": "x"}',
        rb'{"isbn": "0-321-12521-5", "title": "x", "author": "x", "\ud800": 1}',
    ):
        response = await client.post(
            "/books", content=body, headers={"Content-Type": "application/json"}
        )
        assert problem(response, 422) == "wrong-request"


async def test_a_request_s_id_is_answered_and_a_strange_one_replaced(
    client: httpx2.AsyncClient,
) -> None:
    named = await client.get("/livez", headers={"X-Request-ID": "order-7"})
    assert named.headers["x-request-id"] == "order-7"
    strange = await client.get("/livez", headers={"X-Request-ID": "a b"})
    assert strange.headers["x-request-id"] not in ("", "a b")
