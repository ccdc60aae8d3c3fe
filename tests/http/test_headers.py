"""Whatever stands in headers and queries, the answer is 2xx or 4xx, and nothing is half done."""

import asyncio
import contextlib
import json
from collections.abc import MutableMapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from fastapi import FastAPI
from hypothesis import given, settings
from hypothesis import strategies as st

from messagebus.adapters.fastapi import Feed
from messagebus.adapters.sqlalchemy import AsyncSqlStream
from reading_club.adapters.tables import answers, books, eventstore, stream
from reading_club.bootstrap import ReadingClub, Settings, open_club
from reading_club.entrypoints.http.app import create_app
from tests.http.conftest import EMMA, EVANS
from tests.sql.conftest import file

__all__ = ["file"]

RawRequest = tuple[str, str, bytes, Sequence[tuple[bytes, bytes]], bytes]
values = st.one_of(
    st.binary(max_size=300),
    st.text(max_size=80).map(str.encode),
    st.sampled_from(
        [b"", b"0", b"-1", b"9" * 30, b"1e3", b"a" * 255, b"a" * 256, b"\xff", b"1\x00"]
    ),
)
names = st.sampled_from(
    [b"idempotency-key", b"last-event-id", b"x-request-id", b"traceparent", b"content-type"]
)
headers = st.lists(st.tuples(names, values), max_size=4)
JSON = [(b"content-type", b"application/json")]
queries = st.one_of(
    values, st.tuples(st.sampled_from([b"after=", b"limit="]), values).map(b"".join)
)
bodies = st.sampled_from([EVANS, EMMA]).map(lambda book: json.dumps(book).encode())
requests: st.SearchStrategy[RawRequest] = st.one_of(
    st.tuples(st.just("POST"), st.just("/books"), queries, headers.map(JSON.__add__), bodies),
    st.tuples(
        st.just("GET"),
        st.sampled_from(["/books", "/reviewers", "/events", "/livez"]),
        queries,
        headers,
        st.just(b""),
    ),
)


async def status_of(app: FastAPI, request: RawRequest) -> int:
    """Ask as a server would, and leave as soon as the answer begins."""
    method, path, query, given_headers, body = request
    answered: list[int] = []
    messages: list[MutableMapping[str, Any]] = [{"type": "http.request", "body": body}]

    async def receive() -> MutableMapping[str, Any]:
        return messages.pop() if messages else {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            answered.append(message["status"])

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": given_headers,
    }
    with contextlib.suppress(Exception):
        await app(scope, receive, send)
    return answered[0] if answered else 500


async def counted(club: ReadingClub) -> tuple[int, int, int]:
    """Books, their events, and keys that were taken and never answered."""
    queries = (
        sa.select(sa.func.count()).select_from(books),
        sa.select(sa.func.count()).where(eventstore.table.c.kind == "event"),
        sa.select(sa.func.count()).where(answers.table.c.status.is_(None)),
    )

    def count(connection: sa.Connection) -> tuple[int, int, int]:
        found, events, unanswered = (connection.scalar(query) or 0 for query in queries)
        return found, events, unanswered

    return await club.database.run(count, read_only=True)


def test_nothing_but_2xx_and_4xx_comes_back_and_nothing_is_half_written(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("READING_CLUB_DATABASE_URL", f"sqlite:///{file}")
    with asyncio.Runner() as runner:
        rooms = contextlib.AsyncExitStack()
        club = runner.run(rooms.enter_async_context(open_club(Settings())))
        feed = runner.run(rooms.enter_async_context(Feed(AsyncSqlStream(club.database, stream))))
        app = create_app(club, feed)

        @settings(max_examples=300, deadline=None)
        @given(requests)
        def check(request: RawRequest) -> None:
            status = runner.run(status_of(app, request))
            assert 200 <= status < 300 or 400 <= status < 500

        check()
        found, events, unanswered = runner.run(counted(club))
        runner.run(rooms.aclose())
    assert found in (1, 2)
    assert (events, unanswered) == (found, 0)
