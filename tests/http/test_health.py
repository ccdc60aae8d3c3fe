"""What the club says of itself to those who restart it, or send it requests."""

import asyncio
from pathlib import Path

import httpx2
from pydantic import SecretStr

from reading_club.adapters.schema import REVISION
from reading_club.bootstrap import Settings
from tests.http.conftest import EVANS, served
from tests.sql.proxies import SilentProxy, listening
from tests.sql.servers import PrivateServer
from tests.waiting import TIMEOUT


async def test_a_club_that_works_is_ready(client: httpx2.AsyncClient) -> None:
    response = await client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "ready": True,
        "database": "ok",
        "migrations": REVISION,
        "waiting": 0,
    }


async def test_without_its_database_the_club_lives_but_is_not_ready(server_folder: Path) -> None:
    server = PrivateServer(server_folder)
    server.start()
    async with served(Settings(database_url=SecretStr(server.url))) as client:
        server.stop()
        assert (await client.get("/livez")).status_code == 204
        gone = await client.get("/readyz")
        assert gone.status_code == 503
        assert gone.json()["database"] == "DatabaseUnavailableError"
        refused = await client.post("/books", json=EVANS)
        assert refused.status_code == 503
        assert refused.headers["retry-after"] == "1"
        server.start()
        assert (await client.post("/books", json=EVANS)).status_code == 201
        assert (await client.get("/readyz")).status_code == 200
    server.stop()


async def test_a_database_that_does_not_answer_is_not_waited_for(server_url: str) -> None:
    proxy = SilentProxy(server_url)
    async with listening(proxy.serve, server_url) as url:
        settings = Settings(database_url=SecretStr(url), ready_timeout=0.5, statement_timeout=2)
        async with served(settings) as client:
            assert (await client.get("/readyz")).status_code == 200
            proxy.fall_silent()
            async with asyncio.timeout(TIMEOUT):
                silent = await client.get("/readyz")
            assert silent.status_code == 503
            assert silent.json()["database"] == "TimeoutError"
