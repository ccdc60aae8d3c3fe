"""Who may ask what of the club's server, and who the journal and the log say it was."""

import subprocess
import sys
from collections.abc import Sequence

import httpx2
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from messagebus.adapters.sqlalchemy import open_sync_database
from reading_club.adapters.tables import eventstore
from reading_club.bootstrap import Settings
from tests.http.conftest import EMMA, EVANS, served
from tests.http.test_watched import CLUB, Line, environment, serving
from tests.waiting import TIMEOUT

ANN, BOB, BOARD = "a" * 32, "b" * 32, "c" * 32
TOKENS = f"ann write {ANN}\nbob write {BOB}, notice-board read {BOARD}"


def by(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def token_settings(settings: Settings) -> Settings:
    """Settings of a server that asks for tokens."""
    return settings.model_copy(update={"tokens": SecretStr(TOKENS)})


def actors(settings: Settings) -> Sequence[tuple[str, str | None]]:
    """The journal: each message's kind, and who asked for it."""
    columns = eventstore.table.c
    database = open_sync_database(settings.url)
    with database.engine.connect() as connection:
        query = sa.select(columns.kind, columns.actor).order_by(columns.position)
        found = connection.execute(query).all()
    database.close()
    return [(row.kind, row.actor) for row in found]


@pytest.mark.parametrize(
    ("headers", "challenge"),
    [
        ({}, "Bearer"),
        (by("d" * 32), 'Bearer error="invalid_token"'),
        (by(ANN[:-1]), 'Bearer error="invalid_token"'),
        ({"Authorization": f"Basic {ANN}"}, "Bearer"),
    ],
    ids=["none", "unknown", "shortened", "another scheme"],
)
async def test_without_a_known_token_nothing_is_answered_and_nothing_is_read(
    token_settings: Settings, headers: dict[str, str], challenge: str
) -> None:
    async with served(token_settings) as client:
        client.headers.update(headers)
        responses = [
            await client.get("/books"),
            await client.head("/books"),
            await client.post("/books", content=b"{", headers={"Content-Type": "text/plain"}),
            await client.get("/events"),
            await client.get("/no-such-path"),
        ]
        for answer in responses:
            assert answer.status_code == 401
            assert answer.headers["WWW-Authenticate"] == challenge
        assert responses[0].json()["type"] == "urn:reading-club:problem:unauthenticated"
        for path, status in {"/livez": 204, "/readyz": 200, "/openapi.json": 200}.items():
            assert (await client.get(path)).status_code == status
    assert actors(token_settings) == []


async def test_a_token_that_reads_reads_and_changes_nothing(token_settings: Settings) -> None:
    async with served(token_settings) as client:
        client.headers.update(by(BOARD))
        assert (await client.get("/books")).status_code == 200
        assert (await client.head("/books")).status_code == 200
        refused = await client.post("/books", json=EVANS)
        shown = (await client.get("/books")).json()
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:reading-club:problem:read-only-token"
    assert 'error="insufficient_scope"' in refused.headers["WWW-Authenticate"]
    assert shown["books"] == []
    assert actors(token_settings) == []


async def test_the_journal_says_who_asked_for_each_message(token_settings: Settings) -> None:
    async with served(token_settings) as client:
        for token, book in ((ANN, EVANS), (BOB, EMMA)):
            answer = await client.post("/books", json=book, headers=by(token))
            assert answer.status_code == 201
    assert actors(token_settings) == [
        ("command", "ann"),
        ("event", "ann"),
        ("command", "bob"),
        ("event", "bob"),
    ]


async def test_where_nobody_is_asked_the_journal_names_nobody(settings: Settings) -> None:
    async with served(settings) as client:
        assert (await client.post("/books", json=EVANS)).status_code == 201
    assert {actor for _, actor in actors(settings)} == {None}


async def test_a_key_of_one_person_gives_another_one_no_answer(token_settings: Settings) -> None:
    key = {"Idempotency-Key": "k"}
    async with served(token_settings) as client:
        first = await client.post("/books", json=EVANS, headers=by(ANN) | key)
        again = await client.post("/books", json=EVANS, headers=by(ANN) | key)
        other = await client.post("/books", json=EVANS, headers=by(BOB) | key)
    assert first.content == again.content
    assert other.status_code == 422
    assert other.json()["type"] == "urn:reading-club:problem:key-reused"


async def test_openapi_names_the_scheme_where_tokens_are_asked_for(
    token_settings: Settings, settings: Settings
) -> None:
    async with served(token_settings) as client:
        document = (await client.get("/openapi.json")).json()
    schemes = document["components"]["securitySchemes"]
    assert {each["type"]: each["scheme"] for each in schemes.values()} == {"http": "bearer"}
    for path, methods in document["paths"].items():
        for operation in methods.values():
            open_to_all = path in ("/livez", "/readyz")
            assert ("security" in operation) is not open_to_all
            assert {"401", "403"}.isdisjoint(operation["responses"]) is open_to_all
    async with served(settings) as client:
        document = (await client.get("/openapi.json")).json()
    assert "securitySchemes" not in document["components"]
    assert "401" not in document["paths"]["/books"]["post"]["responses"]


def test_the_log_says_who_asked_and_shows_no_token(file_settings: Settings) -> None:
    with serving(file_settings, READING_CLUB_TOKENS=TOKENS, READING_CLUB_LOG_LEVEL="debug") as (
        lines,
        url,
    ):
        httpx2.post(f"{url}/books", json=EVANS, headers=by(ANN), timeout=TIMEOUT)
        httpx2.post(f"{url}/books", json=EMMA, headers=by("d" * 32), timeout=TIMEOUT)
        answered: dict[int, Line] = {}
        log = ""
        while len(answered) < 2:
            line = next(lines)
            log += str(line)
            if line["event"] == "answered":
                answered[line["status"]] = line
            elif line["event"] in ("handled", "committed"):
                assert line["actor"] == "ann"
    assert answered[201]["actor"] == "ann"
    assert "actor" not in answered[401]
    assert not any(token in log for token in (ANN, BOB, BOARD, "d" * 32))


def test_a_server_that_others_reach_needs_tokens_or_a_flag(file_settings: Settings) -> None:
    def refused(*options: str, tokens: str) -> str:
        ended = subprocess.run(
            [*CLUB, "serve", "--port", "0", *options],
            env=environment(file_settings, READING_CLUB_TOKENS=tokens),
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
        assert ended.returncode == 2
        return ended.stderr

    output = refused("--host", "0.0.0.0", tokens="# nobody yet")
    assert "READING_CLUB_TOKENS" in output
    assert "--no-authentication" in output
    assert "READING_CLUB_TOKENS is set" in refused("--no-authentication", tokens=TOKENS)


@pytest.mark.parametrize(
    ("options", "tokens"),
    [(("--host", "0.0.0.0", "--no-authentication"), ""), (("--host", "0.0.0.0"), TOKENS)],
    ids=["the flag", "tokens"],
)
def test_a_server_listens_everywhere_where_it_is_told_to(
    file_settings: Settings, options: Sequence[str], tokens: str
) -> None:
    script = "import sys; from reading_club.entrypoints.cli import main; "
    script += f"sys.argv += {list(options)!r}; main()"
    with serving(file_settings, [sys.executable, "-c", script], READING_CLUB_TOKENS=tokens) as (
        _,
        url,
    ):
        assert url.startswith("http://0.0.0.0:")
