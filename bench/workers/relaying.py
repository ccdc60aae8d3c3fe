"""Messages to a stream: `relaying relay|bare table|lines BATCH`, from an SQLite file.

Bare, the same messages are published in the same batches by the same stream, with no outbox to read
and nothing to mark.
"""

import asyncio
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import sqlalchemy as sa
from lastuuid import uuid7

from bench.workers.serving import serve
from messagebus.adapters.jsonlines import AsyncJsonLinesStream
from messagebus.adapters.sqlalchemy import (
    AsyncSqlOutbox,
    AsyncSqlStream,
    EventstoreTable,
    StreamTable,
    leader_of,
    open_database,
)
from messagebus.adapters.sqlalchemy.eventstore import Rows
from messagebus.eventstream import MessageSerializer
from messagebus.messages import Event, Metadata
from messagebus.relay import AsyncRelay

metadata = sa.MetaData()
eventstore = EventstoreTable(metadata)
stream = StreamTable(metadata)


class Noted(Event):
    text: str
    metadata: Metadata = Metadata(name="noted", schema_version=1, published=True)


async def send(kind: str, to: str, batch: int, count: int) -> float:
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{folder}/bench.db")
        await database.create(metadata)
        rows = Rows(eventstore, MessageSerializer())
        for number in range(count):
            rows.add(Noted(text=f"{number} {uuid7()}"), None)
        await database.run(rows.insertion or _nothing)
        lines = AsyncJsonLinesStream(Path(folder) / "stream.jsonl")
        target = lines if to == "lines" else AsyncSqlStream(database, stream)
        outbox = AsyncSqlOutbox(database, eventstore)
        if kind == "relay":
            relay = AsyncRelay(outbox, target, leader_of(database, eventstore), batch=batch)
            start = perf_counter()
            sent = await relay.drain()
        else:
            messages = [each.message for each in await outbox.waiting(count)]
            batches = [messages[at : at + batch] for at in range(0, count, batch)]
            start = perf_counter()
            sent = sum([await target.publish(each) for each in batches])
        seconds = perf_counter() - start
        await database.close()
    if sent != count:
        raise RuntimeError(f"{sent} of {count} messages were sent")
    return seconds


def _nothing(connection: sa.Connection) -> None:
    """There were no messages to insert."""


def main(arguments: Sequence[str]) -> None:
    kind, to, batch = arguments
    serve({"run": lambda count: asyncio.run(send(kind, to, int(batch), count))})


if __name__ == "__main__":
    arguments = sys.argv[1:]
    sys.argv[1:] = ["run"]
    main(arguments)
