"""A client of the club's application, on a database of the test's own."""

from collections.abc import AsyncGenerator

import httpx2
import pytest
from pydantic import SecretStr

from reading_club.bootstrap import Settings, open_club
from reading_club.entrypoints.http.app import create_app
from tests.sql.conftest import each_url, file, server_url

__all__ = ["each_url", "file", "server_url"]

EVANS = {"isbn": "0-321-12521-5", "title": "Domain-Driven Design", "author": "Eric Evans"}


@pytest.fixture
async def client(each_url: str) -> AsyncGenerator[httpx2.AsyncClient, None]:
    async with open_club(Settings(database_url=SecretStr(each_url))) as club:
        transport = httpx2.ASGITransport(create_app(club), raise_app_exceptions=False)
        async with httpx2.AsyncClient(transport=transport, base_url="http://club") as client:
            yield client
