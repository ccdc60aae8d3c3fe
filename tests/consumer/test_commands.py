"""Operators look at an inbox by the commands that they know from the outbox."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import typer
from typer.testing import CliRunner

from messagebus.adapters.sqlalchemy import AsyncSqlInbox, open_database
from messagebus.adapters.typer import dead_letter_commands, inbox_commands
from tests.consumer.parts import (
    Counted,
    Uow,
    consumer_of,
    counted,
    inbox_of,
    metadata,
    numbers,
    publish,
    stream_table,
)


@asynccontextmanager
async def open_inbox(url: str | None) -> AsyncGenerator[AsyncSqlInbox[Uow], None]:
    database = open_database(url or "")
    yield inbox_of(database)
    await database.close()


application = typer.Typer()
application.add_typer(inbox_commands(open_inbox), name="inbox")
application.add_typer(dead_letter_commands(open_inbox), name="dead-letters")


def run(url: str, *words: object) -> str:
    result = CliRunner().invoke(application, [*map(str, words), "--database", url])
    assert result.exit_code == 0, result.stderr
    return result.stdout


async def reject(event: Counted, transaction: Uow) -> None:
    raise ValueError(f"no {event.n}")


async def consume(url: str, **options: Any) -> list[int]:
    database = open_database(url)
    await consumer_of(database, **options).run_once()
    found = await numbers(database)
    await database.close()
    return found


async def prepare(url: str) -> None:
    """Two dead letters of one key, of which the first is a row that is no message."""
    database = open_database(url)
    await database.create(metadata)
    bad = {"id": "x", "created_at": "", "type": "", "payload": "{", "headers": "no JSON"}
    await database.run(lambda each: each.execute(stream_table.table.insert(), bad))
    await publish(database, counted(1), counted(2))
    await database.close()
    await consume(url, handler=reject)


def test_the_status_of_an_inbox_counts_its_messages(url: str) -> None:
    asyncio.run(prepare(url))
    status = json.loads(run(url, "inbox", "status", "--json"))
    assert status["oldest_age"] >= 0
    assert {**status, "oldest_age": 0} == {
        "waiting": 1,
        "oldest_age": 0,
        "parked": 1,
        "dead": 2,
        "done": 0,
        "leader": None,
    }
    assert "wait behind another one about the same thing" in run(url, "inbox", "status")


def test_the_dead_letters_of_an_inbox_are_shown_replayed_and_purged(url: str) -> None:
    asyncio.run(prepare(url))
    first, second = map(json.loads, run(url, "dead-letters", "list", "--json").splitlines())
    assert "no JSON" in first["envelope"]["payload"]
    assert second["refusal"] == "ValueError: no 1"
    assert json.loads(run(url, "dead-letters", "show", first["position"])) == first
    assert run(url, "dead-letters", "purge", first["position"]) == "Purged 1.\n"
    assert run(url, "dead-letters", "replay", second["position"]) == "Replayed 1.\n"
    assert asyncio.run(consume(url)) == [1, 2]
    assert run(url, "dead-letters", "list") == ""
