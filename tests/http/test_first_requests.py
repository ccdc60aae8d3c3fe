"""The first things that a program asks of the club."""

import httpx2

from tests.http.conftest import EVANS


async def test_a_book_is_registered_and_on_the_shelf(client: httpx2.AsyncClient) -> None:
    assert (await client.post("/books", json=EVANS)).status_code == 201
    (book,) = (await client.get("/books")).json()["books"]
    assert book["title"] == EVANS["title"]


async def test_a_second_copy_is_a_conflict(client: httpx2.AsyncClient) -> None:
    await client.post("/books", json=EVANS)
    again = await client.post("/books", json=EVANS | {"isbn": "9780321125217"})
    assert again.status_code == 409
    assert again.headers["content-type"] == "application/problem+json"
    assert again.json()["title"] == "A book with this ISBN is registered already."


async def test_a_wrong_digit_is_named(client: httpx2.AsyncClient) -> None:
    wrong = await client.post("/books", json=EVANS | {"isbn": "0-321-12521-6"})
    assert wrong.status_code == 422
    (error,) = wrong.json()["errors"]
    assert error["field"] == "body.isbn"
