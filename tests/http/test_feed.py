"""The published events as a feed: all of them, in order, from where a reader broke off."""

import asyncio

import httpx2
import pytest
import sqlalchemy as sa

from messagebus.adapters.sqlalchemy import open_database
from reading_club.adapters.tables import stream
from reading_club.bootstrap import Settings
from tests.http.conftest import EMMA, EVANS, Event, reading, served
from tests.http.test_routes import problem
from tests.waiting import TIMEOUT


async def take(client: httpx2.AsyncClient, number: int, behind: int | None = None) -> list[Event]:
    async with asyncio.timeout(TIMEOUT), reading(client, behind) as events:
        return [await anext(events) for _ in range(number)]


async def test_a_reader_hears_what_was_and_what_comes(client: httpx2.AsyncClient) -> None:
    await client.post("/books", json=EVANS)
    async with asyncio.timeout(TIMEOUT), reading(client) as events:
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
        assert await take(client, 2 - number, behind=int(event["id"])) == all_of_them[number + 1 :]


async def test_an_event_from_before_the_server_began_is_read_from_the_table(
    settings: Settings,
) -> None:
    async with served(settings) as client:
        await client.post("/books", json=EVANS)
        told = await take(client, 1)
    async with served(settings) as client:
        assert await take(client, 1) == told
        await client.post("/books", json=EMMA)
        (behind,) = await take(client, 1, behind=int(told[0]["id"]))
    assert "Emma" in behind["data"]["payload"]


async def test_many_readers_hear_the_same(client: httpx2.AsyncClient) -> None:
    reading = [asyncio.create_task(take(client, 5)) for _ in range(20)]
    for number in range(5):
        await client.post("/reviewers", json={"name": f"Reader {number}"})
    heard = await asyncio.gather(*reading)
    assert all(each == heard[0] for each in heard)


@pytest.mark.parametrize("behind", ["-1", "x", "9223372036854775808", "1e3", ""])
async def test_a_last_event_id_that_is_no_position_is_refused(
    client: httpx2.AsyncClient, behind: str
) -> None:
    response = await client.get("/events", headers={"Last-Event-ID": behind})
    assert problem(response, 422) == "wrong-request"


async def test_without_the_sql_stream_there_is_no_feed(file_settings: Settings) -> None:
    elsewhere = file_settings.model_copy(update={"stream": "file:///dev/null"})
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
