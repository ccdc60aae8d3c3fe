"""A large outbox, by hand, since it takes some minutes: `python -m bench.outbox`.

Messages that wait, sent by one relay, whose memory must not grow with them; then polls
and purges of an outbox in which ten million more are sent already.
"""

import asyncio
import resource
import tempfile
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from time import perf_counter

import sqlalchemy as sa

from bench.concurrent_writers import NAMES, databases
from bench.environments import ROOT
from bench.interleaving import Spread
from bench.report import thousands, write_conditions, write_table
from bench.workers.databases import empty
from messagebus.adapters.jsonlines import AsyncJsonLinesStream
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlOutbox,
    leader_of,
    open_database,
)
from messagebus.adapters.sqlalchemy.backends import backend_of
from messagebus.relay import AsyncRelay
from reading_club.adapters.tables import eventstore

WAITING, SENT = 1_000_000, 10_000_000
ROUNDS = 101


async def measure(folder: Path) -> None:
    """Write outbox.md."""
    names, columns = ["in the outbox of"], list[list[str]]()
    for database in databases():
        with tempfile.TemporaryDirectory() as place, empty(database, Path(place)) as url:
            opened = open_database(url, statement_timeout=3600)
            names.append(NAMES[database])
            columns.append(await column(opened, Path(place) / "stream.jsonl"))
            await opened.close()
    labels = [
        f"a relay sends {thousands(WAITING)} messages to a file of lines, a second",
        f"its process at its largest, after {thousands(WAITING // 10)}",
        f"and after {thousands(WAITING)}",
        f"a poll with {thousands(WAITING)} messages sent, none waiting",
        f"a poll with {thousands(WAITING + SENT)} sent",
        "a purge of 1,000 of them",
    ]
    write_table(folder / "outbox.md", names, [[*row] for row in zip(labels, *columns, strict=True)])
    write_conditions(folder / "outbox-conditions.md", "python -m bench.outbox")


async def column(database: AsyncSqlDatabase, lines: Path) -> list[str]:
    """One database's figures, in the order of the labels."""
    outbox = AsyncSqlOutbox(database, eventstore)
    stream, leader_lock = AsyncJsonLinesStream(lines), leader_of(database, eventstore)
    relay = AsyncRelay(outbox, stream, leader_lock, batch=100)
    peaks: list[str] = []
    seconds = 0.0
    for count in (WAITING // 10, WAITING - WAITING // 10):
        await database.run(partial(fill, count=count, sent=False))
        began = perf_counter()
        await relay.drain()
        seconds += perf_counter() - began
        peaks.append(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")
    few = await timed(lambda: outbox.waiting(100))
    await database.run(partial(fill, count=SENT, sent=True))
    many = await timed(lambda: outbox.waiting(100))
    purge = await timed(lambda: outbox.purge(timedelta(days=7), 1000))
    return [thousands(WAITING / seconds), *peaks, few, many, purge]


def fill(connection: sa.Connection, count: int, *, sent: bool) -> None:
    """Add so many published messages, long sent or waiting, by the database itself."""
    columns = eventstore.table.c
    numbers = sa.select(sa.literal(1).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(sa.select(numbers.c.n + 1).where(numbers.c.n < count))
    text = sa.cast(numbers.c.n, sa.Text)
    row = {
        "kind": sa.literal("event"),
        "published": sa.true(),
        "id": sa.literal("id-") + text,
        "created_at": sa.literal("2026-01-01T00:00:00.000000+00:00"),
        "type": sa.literal("book_registered_v1"),
        "payload": sa.literal('{"title": "A book, with a title of the usual length"}'),
        "stream_key": sa.literal("key-") + sa.cast(numbers.c.n % 1000, sa.Text),
        "slot": numbers.c.n % 256,
        "sent_at": backend_of(connection).before_now(timedelta(days=10)) if sent else sa.null(),
    }
    insert = sa.insert(eventstore.table).from_select(
        [columns[name] for name in row], sa.select(*row.values())
    )
    connection.execute(insert)


async def timed(work: Callable[[], Awaitable[object]]) -> str:
    """The median of some rounds."""
    taken: list[float] = []
    for _ in range(ROUNDS):
        began = perf_counter()
        await work()
        taken.append(perf_counter() - began)
    return f"{Spread.of(taken).median * 1000:.2f} ms"


if __name__ == "__main__":
    asyncio.run(measure(ROOT / "docs" / "benchmarks"))
