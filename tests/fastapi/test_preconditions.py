"""A change names the version that was read, by its tag."""

import pytest

from messagebus.adapters.fastapi import IfMatch, Precondition, etag_of
from tests.fastapi.conftest import application, client_of, problem

app = application()


@app.put("/parcels/{version}")
async def rename(version: int, if_match: IfMatch) -> int | None:
    return if_match.expected(version)


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ('"2"', 2),
        ('"1", "2"', 2),
        ("*", None),
        ('"1"', 1),
        ('"9", "7"', 7),
        ('W/"2"', 0),
        ('"other"', 0),
    ],
)
async def test_a_handler_is_given_the_version_that_the_client_expects(
    tags: str, expected: int | None
) -> None:
    async with client_of(app) as client:
        response = await client.put("/parcels/2", headers={"If-Match": tags})
    assert response.json() == expected


async def test_tags_may_come_on_several_lines() -> None:
    headers = [("If-Match", '"1"'), ("If-Match", '"2"')]
    async with client_of(app) as client:
        assert (await client.put("/parcels/2", headers=headers)).json() == 2


@pytest.mark.parametrize("tags", ["1", '"1', '"1" "2"', '"1", *', "'1'"])
async def test_a_tag_has_double_quotes(tags: str) -> None:
    async with client_of(app) as client:
        found = problem(await client.put("/parcels/2", headers={"If-Match": tags}))
    assert [each["field"] for each in found["errors"]] == ["header.If-Match"]


@pytest.mark.parametrize("headers", [{}, {"If-Match": ""}])
async def test_a_change_without_a_version_is_refused(headers: dict[str, str]) -> None:
    async with client_of(app) as client:
        found = problem(await client.put("/parcels/2", headers=headers))
    assert (found["status"], found["type"]) == (428, "precondition-missing")


def test_the_tag_of_a_version_is_strong() -> None:
    assert etag_of(3) == '"3"'
    assert Precondition(frozenset({3})).expected(None) == 3
