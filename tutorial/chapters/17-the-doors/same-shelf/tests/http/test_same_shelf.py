"""Two entrypoints, one shelf."""

from pathlib import Path

import httpx2
from pydantic import SecretStr

from reading_club.bootstrap import Settings, open_club
from reading_club.entrypoints.http.app import create_app
from tests.cli.test_first_commands import EMMA, club


async def test_what_was_typed_is_served(tmp_path: Path) -> None:
    assert club(tmp_path, *EMMA, "978-0-14-143958-7").returncode == 0
    settings = Settings(database_url=SecretStr(f"sqlite:///{tmp_path}/club.db"))
    async with open_club(settings) as opened:
        transport = httpx2.ASGITransport(create_app(opened))
        async with httpx2.AsyncClient(transport=transport, base_url="http://club") as client:
            (book,) = (await client.get("/books")).json()["books"]
    assert book["title"] == "Emma"
