"""The club's server, listening on a free port, on a database of the test's own."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from pydantic import SecretStr

from messagebus.telemetry import Observer
from reading_club.bootstrap import Settings, open_club
from reading_club.entrypoints.http.server import serve
from tests.sql.conftest import each_url, file, server_database, server_folder, server_url
from tests.waiting import TIMEOUT

__all__ = ["each_url", "file", "server_database", "server_folder", "server_url"]

EVANS = {"isbn": "0-321-12521-5", "title": "Domain-Driven Design", "author": "Eric Evans"}
EMMA = {"isbn": "978-0-14-143958-7", "title": "Emma", "author": "Jane Austen"}

Event = dict[str, Any]


@asynccontextmanager
async def served(
    settings: Settings, *observers: Observer
) -> AsyncGenerator[httpx2.AsyncClient, None]:
    """Serve the club until the block ends, then stop it as its operator would."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        base = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with open_club(settings, observers=observers) as club:
            serving = asyncio.create_task(serve(club, listening, with_relay=True))
            try:
                async with httpx2.AsyncClient(base_url=base, timeout=TIMEOUT) as client:
                    await answering(client, serving)
                    yield client
            finally:
                if not serving.done():
                    os.kill(os.getpid(), signal.SIGTERM)
                await serving


async def answering(client: httpx2.AsyncClient, serving: asyncio.Task[None]) -> None:
    """Wait until the server answers, and has taken over the signals."""
    while (await client.get("/livez")).status_code != 204:
        assert not serving.done()


@pytest.fixture
def settings(each_url: str) -> Settings:
    return Settings(database_url=SecretStr(each_url))


@pytest.fixture
async def client(settings: Settings) -> AsyncGenerator[httpx2.AsyncClient, None]:
    async with served(settings) as client:
        yield client


@pytest.fixture
def file_settings(file: Path) -> Settings:
    """Those of an SQLite file, for what does not depend on the database."""
    return Settings(database_url=SecretStr(f"sqlite:///{file}"))


@asynccontextmanager
async def open_feed(
    client: httpx2.AsyncClient, behind: str | None = None
) -> AsyncGenerator[AsyncIterator[Event], None]:
    """The feed's events, each as its fields, from the beginning or behind one."""
    headers = {} if behind is None else {"Last-Event-ID": behind}
    async with client.stream("GET", "/events", headers=headers) as response:
        assert response.status_code == 200, await response.aread()

        async def events() -> AsyncIterator[Event]:
            event: Event = {}
            async for line in response.aiter_lines():
                name, _, value = line.partition(": ")
                if line and name:
                    event[name] = json.loads(value) if name == "data" else value
                elif event:
                    yield event
                    event = {}

        yield events()
