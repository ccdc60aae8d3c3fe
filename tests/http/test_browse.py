"""The page to browse the routes needs no other server than this one."""

import re
from urllib.parse import urlsplit

import httpx2

from reading_club.bootstrap import Settings
from tests.http.conftest import served

LOADED = re.compile(r"""(?:src|href)="([^"]+)"|url: '([^']+)'""")


async def test_the_page_loads_nothing_from_elsewhere(file_settings: Settings) -> None:
    async with served(file_settings) as client:
        page = await client.get("/docs")
        addresses = [first or second for first, second in LOADED.findall(page.text)]
        assert len(addresses) == 4
        assert [each for each in addresses if urlsplit(each).netloc] == []
        for each in addresses:
            loaded = await client.get(httpx2.URL(page.url).join(each))
            assert loaded.status_code == 200, each


async def test_openapi_names_neither_the_page_nor_its_files(file_settings: Settings) -> None:
    async with served(file_settings) as client:
        paths = (await client.get("/openapi.json")).json()["paths"]
        absent = await client.get("/docs/absent.js")
    assert [each for each in paths if each.startswith("/docs")] == []
    assert absent.headers["content-type"] == "application/problem+json"
