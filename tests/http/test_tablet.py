"""A change of a review that was changed meanwhile, on another device."""

import httpx2

from tests.http.test_changed import PATH, REVISED, review, stars

__all__ = ["review"]

FIRST = {"If-Match": '"1"'}


async def test_a_tablet_that_shows_an_older_review_changes_nothing(
    client: httpx2.AsyncClient,
) -> None:
    await client.put(PATH, json=REVISED, headers=FIRST)
    tablet = await client.put(PATH, json={**REVISED, "rating": 9}, headers=FIRST)
    assert tablet.status_code == 412
    assert await stars(client) == 7.0


async def test_a_review_has_its_version_as_etag(client: httpx2.AsyncClient) -> None:
    read = await client.get(PATH)
    revised = await client.put(PATH, json=REVISED, headers={"If-Match": read.headers["ETag"]})
    assert (read.headers["ETag"], revised.headers["ETag"]) == ('"1"', '"2"')


async def test_a_change_without_a_version_is_refused(client: httpx2.AsyncClient) -> None:
    blind = await client.delete(PATH, params={"reviewer": "Ada"})
    assert blind.status_code == 428
    assert await stars(client) == 9.0
