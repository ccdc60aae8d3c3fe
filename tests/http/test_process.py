"""`reading-club serve` as a process of its own: stopped, and killed under load.

MESSAGEBUS_KILLS says how often it is killed on each database, twice where it is not set.
"""

import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
from stdnum.ean import calc_check_digit

from reading_club.bootstrap import Settings
from tests.http.conftest import EVANS, reading
from tests.waiting import TIMEOUT

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("MESSAGEBUS_KILLS", "2"))
CLIENTS = 8

Process = asyncio.subprocess.Process
Asked = dict[str, tuple[dict[str, str], bytes | None]]


@asynccontextmanager
async def serving(settings: Settings) -> AsyncGenerator[tuple[Process, httpx2.AsyncClient], None]:
    """The process, and a client of it; it is gone when the block ends."""
    url = settings.database_url.get_secret_value()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "reading_club", "--database", url),
        *("serve", "--port", "0", "--log-json"),
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    try:
        async with httpx2.AsyncClient(base_url=await _url(process), timeout=TIMEOUT) as client:
            draining = asyncio.create_task(_drain(process))
            yield process, client
        draining.cancel()
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def _url(process: Process) -> str:
    assert process.stderr is not None
    async for line in process.stderr:
        if line.startswith(b"{") and (url := json.loads(line).get("url")):
            return str(url)
    raise AssertionError("the server has ended before it said where it listens")


async def _drain(process: Process) -> None:
    assert process.stderr is not None
    async for _ in process.stderr:
        pass


async def test_a_signal_ends_the_feed_and_then_the_process(file_settings: Settings) -> None:
    async with asyncio.timeout(TIMEOUT), serving(file_settings) as (process, client):
        await client.post("/books", json=EVANS)
        async with reading(client) as events:
            await anext(events)
            process.send_signal(signal.SIGTERM)
            assert [event async for event in events] == []
        assert await process.wait() == 0


async def test_a_server_that_is_killed_under_load_loses_and_doubles_nothing(
    settings: Settings,
) -> None:
    asked: Asked = {}
    async with asyncio.timeout(TIMEOUT + 5 * KILLS):
        for _ in range(KILLS):
            answered = asyncio.Event()
            async with serving(settings) as (process, client):
                asking = (_ask(client, asked, answered) for _ in range(CLIENTS))
                clients = [asyncio.create_task(each) for each in asking]
                await answered.wait()
                await asyncio.sleep(random.uniform(0, 0.4))
                process.kill()
                await asyncio.gather(*clients)

        async with serving(settings) as (_, client):
            for key, (book, answer) in asked.items():
                again = await client.post("/books", json=book, headers={"Idempotency-Key": key})
                assert again.status_code == 201
                assert answer in (None, again.content)
            async with reading(client) as events:
                told = [await anext(events) for _ in asked]
            assert len(await _shelf(client)) == len(asked)

    assert any(answer for _, answer in asked.values())
    isbns = sorted(json.loads(event["data"]["payload"])["isbn"] for event in told)
    assert isbns == sorted(book["isbn"] for book, _ in asked.values())


async def _ask(client: httpx2.AsyncClient, asked: Asked, answered: asyncio.Event) -> None:
    """Register books until the server is gone, and remember each request and its answer."""
    while True:
        digits = f"978{len(asked):09}"
        book = {**EVANS, "isbn": digits + calc_check_digit(digits)}
        key = book["isbn"]
        asked[key] = (book, None)
        try:
            answer = await client.post("/books", json=book, headers={"Idempotency-Key": key})
        except httpx2.TransportError:
            return
        assert answer.status_code == 201
        asked[key] = (book, answer.content)
        answered.set()


async def _shelf(client: httpx2.AsyncClient) -> list[str]:
    ids: list[str] = []
    page = (await client.get("/books", params={"limit": 100})).json()
    while page["books"]:
        ids += [book["id"] for book in page["books"]]
        page = (await client.get("/books", params={"limit": 100, "after": ids[-1]})).json()
    return ids
