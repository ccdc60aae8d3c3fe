"""L: the work by plain calls, its handlers awaited or called."""

import asyncio
from time import perf_counter
from uuid import UUID

from lastuuid import uuid7

from bench.workers.serving import serve
from bench.workers.without_bus import (
    TEXTS,
    PlainBook,
    PlainBookRegistered,
    PlainRegisterBook,
    plain_envelope,
)


class Shelf:
    def __init__(self) -> None:
        self.rows: dict[UUID, PlainBook] = {}
        self.sent: list[dict[str, str]] = []

    async def add_async(self, book: PlainBook) -> None:
        self.rows[book.id] = book

    def add(self, book: PlainBook) -> None:
        self.rows[book.id] = book

    async def send_async(self, message: dict[str, str]) -> None:
        self.sent.append(message)

    def send(self, message: dict[str, str]) -> None:
        self.sent.append(message)


async def register_async(command: PlainRegisterBook, shelf: Shelf) -> PlainBookRegistered:
    book = PlainBook(id=command.id, isbn=command.isbn, title=command.title, author=command.author)
    await shelf.add_async(book)
    return PlainBookRegistered(id=book.id, isbn=book.isbn, title=book.title, author=book.author)


def register(command: PlainRegisterBook, shelf: Shelf) -> PlainBookRegistered:
    book = PlainBook(id=command.id, isbn=command.isbn, title=command.title, author=command.author)
    shelf.add(book)
    return PlainBookRegistered(id=book.id, isbn=book.isbn, title=book.title, author=book.author)


async def listen_async(event: PlainBookRegistered) -> None:
    pass


def listen(event: PlainBookRegistered) -> None:
    pass


async def run_async(commands: int) -> float:
    shelf = Shelf()
    start = perf_counter()
    for _ in range(commands):
        event = await register_async(PlainRegisterBook(id=uuid7(), **TEXTS), shelf)
        await listen_async(event)
        await shelf.send_async(plain_envelope(event))
    return perf_counter() - start


def run(commands: int) -> float:
    shelf = Shelf()
    start = perf_counter()
    for _ in range(commands):
        event = register(PlainRegisterBook(id=uuid7(), **TEXTS), shelf)
        listen(event)
        shelf.send(plain_envelope(event))
    return perf_counter() - start


if __name__ == "__main__":
    serve({"async": lambda commands: asyncio.run(run_async(commands)), "sync": run})
