"""mediatr: a request to each handler. It has no transaction and no stream: plain calls."""

import asyncio
from time import perf_counter
from uuid import UUID

from lastuuid import uuid7
from mediatr import Mediator

from bench.workers.serving import serve
from bench.workers.without_bus import (
    TEXTS,
    PlainBook,
    PlainBookRegistered,
    PlainRegisterBook,
    plain_envelope,
)

rows: dict[UUID, PlainBook] = {}


async def add(book: PlainBook) -> None:
    rows[book.id] = book


@Mediator.handler
async def register(command: PlainRegisterBook) -> PlainBookRegistered:
    book = PlainBook(id=command.id, isbn=command.isbn, title=command.title, author=command.author)
    await add(book)
    return PlainBookRegistered(id=book.id, isbn=book.isbn, title=book.title, author=book.author)


@Mediator.handler
async def listen(event: PlainBookRegistered) -> None:
    pass


async def run(commands: int) -> float:
    rows.clear()
    sent: list[dict[str, str]] = []
    mediator = Mediator()

    async def send(message: dict[str, str]) -> None:
        sent.append(message)

    start = perf_counter()
    for _ in range(commands):
        event = await mediator.send_async(PlainRegisterBook(id=uuid7(), **TEXTS))
        await mediator.send_async(event)
        await send(plain_envelope(event))
    return perf_counter() - start


serve({"async": lambda commands: asyncio.run(run(commands))})
