"""`reading-club serve` as a process of its own: stopped, and killed under load.

MESSAGEBUS_KILLS says how often it is killed on each database, twice where it is not set.
"""

import asyncio
import json
import os
import random
import signal
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

import httpx2
from stdnum.ean import calc_check_digit

from reading_club.bootstrap import Settings
from tests.http.conftest import EVANS, open_feed
from tests.waiting import TIMEOUT

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("MESSAGEBUS_KILLS", "2"))
CLIENTS = 8

Process = asyncio.subprocess.Process
Answer = tuple[int, bytes, str | None, str | None]


class Request(NamedTuple):
    """What was asked under a key, and its answer, if one came."""

    method: str
    path: str
    headers: Mapping[str, str]
    options: Mapping[str, Any]
    answer: Answer | None = None


Requests = dict[str, Request]


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
        async with open_feed(client) as events:
            await anext(events)
            process.send_signal(signal.SIGTERM)
            assert [event async for event in events] == []
        assert await process.wait() == 0


async def test_a_server_that_is_killed_under_load_loses_and_doubles_nothing(
    settings: Settings,
) -> None:
    requests: Requests = {}
    numbers = count()
    async with asyncio.timeout(TIMEOUT * (KILLS + 1)):
        for _ in range(KILLS):
            withdrawn = asyncio.Event()
            async with serving(settings) as (process, client):
                asking = (_ask(client, requests, numbers, withdrawn) for _ in range(CLIENTS))
                clients = [asyncio.create_task(each) for each in asking]
                await withdrawn.wait()
                await asyncio.sleep(random.uniform(0, 0.4))
                process.kill()
                await asyncio.gather(*clients)

        async with serving(settings) as (_, client):
            for key in requests:
                before = requests[key].answer
                again = await _send(client, requests, key)
                assert before in (None, again)
            async with open_feed(client) as events:
                told = Counter([(await anext(events))["event"] for _ in requests])
            books = await _books(client)

    methods = Counter((each.method, each.path.split("/")[1]) for each in requests.values())
    assert told == {
        "register_book_v1": methods["POST", "books"],
        "reviewer_registered_v1": methods["POST", "reviewers"],
        "book_reviewed_v1": methods["POST", "reviews"],
        "review_revised_v1": methods["PUT", "reviews"],
        "review_withdrawn_v1": methods["DELETE", "reviews"],
    }
    shelf = {each["isbn"]: (each["reviews"], each["rating"]) for each in books}
    assert shelf == _expected(requests)


async def _ask(
    client: httpx2.AsyncClient, requests: Requests, numbers: Iterator[int], withdrawn: asyncio.Event
) -> None:
    """Register, review, revise and withdraw until the server is gone; remember each request."""

    async def ask(method: str, path: str, tag: str | None = None, **options: Any) -> Answer:
        key = f"key-{len(requests)}"
        headers = {"Idempotency-Key": key, **({} if tag is None else {"If-Match": tag})}
        requests[key] = Request(method, path, headers, options)
        return await _send(client, requests, key)

    with suppress(httpx2.TransportError):
        for number in numbers:
            digits = f"978{number:09}"
            isbn, name = digits + calc_check_digit(digits), f"member {number}"
            await ask("POST", "/books", json={**EVANS, "isbn": isbn})
            await ask("POST", "/reviewers", json={"name": name})
            review = {"isbn": isbn, "reviewer": name, "rating": 9}
            _, _, tag, path = await ask("POST", "/reviews", json=review)
            assert path is not None
            _, _, tag, _ = await ask("PUT", path, tag, json={"reviewer": name, "rating": 7})
            if number % 2:
                await ask("DELETE", path, tag, params={"reviewer": name})
                withdrawn.set()


async def _send(client: httpx2.AsyncClient, requests: Requests, key: str) -> Answer:
    method, path, headers, options, _ = requests[key]
    answer = await client.request(method, path, headers=headers, **options)
    assert answer.status_code == {"POST": 201, "PUT": 200, "DELETE": 204}[method], answer.text
    fields = answer.headers
    sent = (answer.status_code, answer.content, fields.get("etag"), fields.get("location"))
    requests[key] = requests[key]._replace(answer=sent)
    return sent


def _expected(requests: Requests) -> Mapping[str, tuple[int, float | None]]:
    """Each book with the reviews and the stars that its requests, each done once, leave."""
    found: dict[str, tuple[int, float | None]] = {}
    isbns: dict[str, str] = {}
    for method, path, _, options, answer in requests.values():
        match method, path:
            case "POST", "/books":
                found[options["json"]["isbn"]] = (0, None)
            case "POST", "/reviews":
                assert answer is not None
                isbns[str(answer[3])] = options["json"]["isbn"]
                found[options["json"]["isbn"]] = (1, 9.0)
            case "PUT", _:
                found[isbns[path]] = (1, 7.0)
            case "DELETE", _:
                found[isbns[path]] = (0, None)
            case _:
                pass
    return found


async def _books(client: httpx2.AsyncClient) -> Sequence[dict[str, Any]]:
    books: list[dict[str, Any]] = []
    page = (await client.get("/books", params={"limit": 100})).json()
    while page["books"]:
        books += page["books"]
        page = (await client.get("/books", params={"limit": 100, "after": books[-1]["id"]})).json()
    return books
