"""bubus: a queue of events, each awaited until its handlers and their events are done."""

import asyncio
import logging
import os
from time import perf_counter
from uuid import UUID

os.environ["BUBUS_LOGGING_LEVEL"] = "ERROR"

from bubus import BaseEvent, EventBus
from lastuuid import uuid7

from bench.workers.serving import serve
from bench.workers.without_bus import TEXTS, PlainBook, envelope

logging.disable(logging.WARNING)


class RegisterBook(BaseEvent[None]):
    id: UUID
    isbn: str
    title: str
    author: str


class BookRegistered(BaseEvent[None]):
    id: UUID
    isbn: str
    title: str
    author: str


PAYLOAD = {"id", "isbn", "title", "author"}

rows: dict[UUID, PlainBook] = {}
sent: list[dict[str, str]] = []
bus = EventBus()


async def add(book: PlainBook) -> None:
    rows[book.id] = book


async def send(event: BookRegistered) -> None:
    payload = event.model_dump(mode="json", include=PAYLOAD)
    sent.append(envelope(event.event_id, event.event_created_at, payload))


async def register(command: RegisterBook) -> None:
    book = PlainBook(id=command.id, isbn=command.isbn, title=command.title, author=command.author)
    await add(book)
    event = BookRegistered(id=book.id, isbn=book.isbn, title=book.title, author=book.author)
    await bus.dispatch(event)
    await send(event)


async def listen(event: BookRegistered) -> None:
    pass


bus.on(RegisterBook, register)
bus.on(BookRegistered, listen)


async def run(commands: int) -> float:
    rows.clear()
    sent.clear()
    start = perf_counter()
    for _ in range(commands):
        await bus.dispatch(RegisterBook(id=uuid7(), **TEXTS))
    seconds = perf_counter() - start
    if len(sent) != commands:
        raise RuntimeError(f"{commands} commands sent {len(sent)} events; each must send one")
    return seconds


# One loop for all rounds: the bus belongs to its loop, and its history fills up only with time.
with asyncio.Runner() as runner:
    serve({"async": lambda commands: runner.run(run(commands))})
    runner.run(bus.stop())
