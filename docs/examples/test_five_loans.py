"""Rounds of twelve clients, on each database."""

from collections.abc import Generator
from pathlib import Path

import pytest
from docs.examples.at_once import opened
from docs.examples.five_loans import measured
from docs.examples.five_loans_tables import metadata

from tests.requires import postgresql
from tests.sql.conftest import database_of_its_own


@pytest.fixture(params=["sqlite", "postgresql"])
def url(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Generator[str, None, None]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/loans.db"
        return
    with database_of_its_own(postgresql()) as server_url:
        yield server_url


@pytest.mark.parametrize(
    "way", ["version", "lock", "constraint", "serializable"]
)
async def test_five_of_twelve_borrow_in_each_round(way: str, url: str) -> None:
    async with opened(url, metadata) as database:
        for _ in range(3):
            assert await measured(database, way) == (5, 7)
