"""A member changes a review over HTTP, whatever it said before."""

import httpx2
import pytest
from lastuuid.dummies import uuidgen
from pydantic import SecretStr

from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.bootstrap import Settings, open_club
from reading_club.domain.messages import RegisterBook, RegisterReviewer, ReviewBook
from tests.http.conftest import EVANS

PATH = f"/reviews/{uuidgen(3)}"
ANY = {"If-Match": "*"}
REVISED = {"reviewer": "Ada", "rating": 7, "comment": "Read it again."}


@pytest.fixture(autouse=True)
async def review(each_url: str, client: httpx2.AsyncClient) -> None:
    """Ada's review of a book, with nine stars."""
    commands = (
        RegisterBook.model_validate({"id": uuidgen(1), **EVANS}),
        RegisterReviewer(id=uuidgen(2), name="Ada"),
        ReviewBook(id=uuidgen(3), isbn=EVANS["isbn"], reviewer="Ada", rating=9, comment=""),
    )
    settings = Settings(database_url=SecretStr(each_url))
    async with open_club(settings) as club, ClubUnitOfWork(club.database) as transaction:
        for command in commands:
            await club.bus.handle(command, transaction)
        await transaction.commit()


async def stars(client: httpx2.AsyncClient) -> float | None:
    """The mean of the only book."""
    (book,) = (await client.get("/books")).json()["books"]
    mean: float | None = book["rating"]
    return mean


async def test_a_review_is_revised(client: httpx2.AsyncClient) -> None:
    revised = await client.put(PATH, json=REVISED, headers=ANY)
    assert (revised.status_code, revised.json()["rating"]) == (200, 7)
    assert await stars(client) == 7.0


async def test_a_review_is_withdrawn(client: httpx2.AsyncClient) -> None:
    withdrawn = await client.delete(PATH, params={"reviewer": "Ada"}, headers=ANY)
    assert (withdrawn.status_code, withdrawn.content) == (204, b"")
    assert await stars(client) is None
    gone = await client.put(PATH, json=REVISED, headers=ANY)
    assert gone.status_code == 404


async def test_a_member_cannot_change_another_member_s_review(client: httpx2.AsyncClient) -> None:
    refused = await client.put(PATH, json={**REVISED, "reviewer": "Bob"}, headers=ANY)
    assert refused.status_code == 403
    assert await stars(client) == 9.0
