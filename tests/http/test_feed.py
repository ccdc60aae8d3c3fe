"""The published events as a feed: all of them, in order, from where a reader broke off."""

import asyncio
from pathlib import Path

import httpx2
import psycopg
import pytest
import sqlalchemy as sa
from pydantic import SecretStr

from messagebus.adapters.sqlalchemy import open_database
from reading_club.adapters.tables import stream
from reading_club.bootstrap import Settings
from tests.http.conftest import EMMA, EVANS, Event, open_feed, served
from tests.http.test_routes import problem
from tests.waiting import TIMEOUT

PERSUASION = {"isbn": "978-0-14-143968-6", "title": "Persuasion", "author": "Jane Austen"}


async def take(client: httpx2.AsyncClient, number: int, behind: str | None = None) -> list[Event]:
    async with asyncio.timeout(TIMEOUT), open_feed(client, behind) as events:
        return [await anext(events) for _ in range(number)]


async def refused(client: httpx2.AsyncClient, behind: str) -> httpx2.Response:
    """The answer to an id behind which nobody can read; a feed that begins has no end."""
    headers = {b"Last-Event-ID": behind.encode()}
    async with client.stream("GET", "/events", headers=headers) as response:
        assert response.is_error
        await response.aread()
    return response


async def test_a_reader_hears_what_was_and_what_comes(client: httpx2.AsyncClient) -> None:
    await client.post("/books", json=EVANS)
    async with asyncio.timeout(TIMEOUT), open_feed(client) as events:
        first = await anext(events)
        await client.post("/books", json=EMMA)
        second = await anext(events)
    assert [first["event"], second["event"]] == ["register_book_v1", "register_book_v1"]
    assert "Emma" in second["data"]["payload"]


async def test_a_reader_goes_on_behind_the_last_event_it_has_read(
    client: httpx2.AsyncClient,
) -> None:
    for name in ("Ada", "Bob", "Cleo"):
        await client.post("/reviewers", json={"name": name})
    all_of_them = await take(client, 3)
    for number, event in enumerate(all_of_them[:2]):
        assert await take(client, 2 - number, behind=event["id"]) == all_of_them[number + 1 :]


async def test_an_event_from_before_the_server_began_is_read_from_the_table(
    settings: Settings,
) -> None:
    async with served(settings) as client:
        await client.post("/books", json=EVANS)
        told = await take(client, 1)
    async with served(settings) as client:
        assert await take(client, 1) == told
        await client.post("/books", json=EMMA)
        (behind,) = await take(client, 1, behind=told[0]["id"])
    assert "Emma" in behind["data"]["payload"]


async def test_many_readers_hear_the_same(client: httpx2.AsyncClient) -> None:
    readers = [asyncio.create_task(take(client, 5)) for _ in range(20)]
    for number in range(5):
        await client.post("/reviewers", json={"name": f"Reader {number}"})
    heard = await asyncio.gather(*readers)
    assert all(each == heard[0] for each in heard)


async def test_a_reader_that_has_a_position_alone_goes_on_behind_it(
    client: httpx2.AsyncClient,
) -> None:
    await client.post("/books", json=EVANS)
    await client.post("/books", json=EMMA)
    first, second = await take(client, 2)
    assert await take(client, 2, behind="0") == [first, second]
    position, _, message_id = first["id"].partition("-")
    assert message_id == first["data"]["id"]
    assert await take(client, 1, behind=position) == [second]


async def test_an_id_behind_the_end_is_told_to_begin_anew(client: httpx2.AsyncClient) -> None:
    await client.post("/books", json=EVANS)
    (only,) = await take(client, 1)
    for behind in ("2", f"2-{only['data']['id']}", "9223372036854775807"):
        response = await refused(client, behind)
        assert problem(response, 409) == "unknown-event"
        assert "begin anew, without Last-Event-ID" in response.json()["title"]


async def test_an_id_of_another_stream_is_told_to_begin_anew(
    settings: Settings, tmp_path: Path
) -> None:
    elsewhere = Settings(database_url=SecretStr(f"sqlite:///{tmp_path}/elsewhere.db"))
    async with served(elsewhere) as client:
        await client.post("/books", json=EMMA)
        (theirs,) = await take(client, 1)
    async with served(settings) as client:
        await client.post("/books", json=EVANS)
        (ours,) = await take(client, 1)
        assert ours["id"].split("-")[0] == theirs["id"].split("-")[0]
        response = await refused(client, theirs["id"])
    assert problem(response, 409) == "unknown-event"


async def test_an_id_of_an_event_that_was_deleted_is_told_to_begin_anew(
    settings: Settings,
) -> None:
    async with served(settings) as client:
        await client.post("/books", json=EVANS)
        (old,) = await take(client, 1)
        database = open_database(settings.url)
        await database.run(lambda connection: connection.execute(sa.delete(stream.table)))
        await database.close()
        for behind in (old["id"], old["id"].split("-")[0]):
            assert problem(await refused(client, behind), 409) == "unknown-event"


STALLED = """
CREATE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.payload LIKE '%Emma%' THEN PERFORM pg_advisory_xact_lock(1816); END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER stalled AFTER INSERT ON eventstore DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION stall()
"""
UNTIL_STALLED = """
DO $$ BEGIN
    WHILE NOT EXISTS (
        SELECT FROM pg_locks WHERE locktype = 'advisory' AND objid = 1816 AND NOT granted
    ) LOOP
        PERFORM pg_sleep(0.01);
    END LOOP;
END $$
"""


async def test_a_late_commit_may_be_missing_from_later_pages_and_never_from_the_feed(
    server_url: str,
) -> None:
    async with (
        served(Settings(database_url=SecretStr(server_url))) as client,
        await psycopg.AsyncConnection.connect(server_url, autocommit=True) as other,
        asyncio.timeout(TIMEOUT),
    ):
        await other.execute(STALLED)
        await other.execute("SELECT pg_advisory_lock(1816)")
        late = asyncio.create_task(client.post("/books", json=EMMA))
        await other.execute(UNTIL_STALLED)
        await client.post("/books", json=EVANS)
        await client.post("/books", json=PERSUASION)
        page = (await client.get("/books?limit=1")).json()
        async with open_feed(client) as events:
            heard = [await anext(events), await anext(events)]
            await other.execute("SELECT pg_advisory_unlock(1816)")
            assert (await late).status_code == 201
            heard.append(await anext(events))
        behind = (await client.get(f"/books?after={page['next']}")).json()
        shelf = (await client.get("/books")).json()
        found = await other.execute("SELECT payload FROM eventstore ORDER BY position LIMIT 1")
        (first,) = await found.fetchone() or [""]
    assert "Emma" in first
    assert [book["title"] for book in shelf["books"]] == ["Emma", EVANS["title"], "Persuasion"]
    assert [book["title"] for book in behind["books"]] == ["Persuasion"]
    assert ["Emma" in event["data"]["payload"] for event in heard] == [False, False, True]


@pytest.mark.parametrize(
    "behind", ["-1", "x", "9223372036854775808", "1e3", "", "1-", "\u0661", "1 -x"]
)
async def test_a_last_event_id_that_is_no_position_is_refused(
    client: httpx2.AsyncClient, behind: str
) -> None:
    assert problem(await refused(client, behind), 422) == "wrong-request"


async def test_without_the_sql_stream_there_is_no_feed(file_settings: Settings) -> None:
    elsewhere = file_settings.model_copy(update={"stream": SecretStr("file:///dev/null")})
    async with served(elsewhere) as client:
        assert problem(await client.get("/events"), 404) == "about:blank"


async def test_a_row_of_the_stream_that_is_no_message_stops_no_reader(settings: Settings) -> None:
    async def break_second() -> None:
        database = open_database(settings.url)
        broken = sa.update(stream.table).where(stream.table.c.position == 2).values(headers="{")
        await database.run(lambda connection: connection.execute(broken))
        await database.close()

    async with served(settings) as client:
        for name in ("Ada", "Bob"):
            await client.post("/reviewers", json={"name": name})
        await take(client, 2)
    await break_second()
    async with served(settings) as client:
        await client.post("/reviewers", json={"name": "Cleo"})
        first, last = await take(client, 2)
    assert "Ada" in first["data"]["payload"]
    assert "Cleo" in last["data"]["payload"]
