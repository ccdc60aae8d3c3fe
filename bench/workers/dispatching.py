"""The work by the bus that is installed: ours or the original, whose names are the same.

Only the name of the store differs between the two, so each worker brings its own.
"""

import asyncio
from collections.abc import Callable, Mapping
from time import perf_counter
from typing import Any
from uuid import UUID

from lastuuid import uuid7

import messagebus as mb
from bench.workers.without_bus import TEXTS


class Book(mb.Model):
    id: UUID
    isbn: str
    title: str
    author: str


class RegisterBook(mb.Command):
    id: UUID
    isbn: str
    title: str
    author: str
    metadata: mb.Metadata = mb.Metadata(name="register_book_command", schema_version=1)


class BookRegistered(mb.Event):
    id: UUID
    isbn: str
    title: str
    author: str
    metadata: mb.Metadata = mb.Metadata(name="register_book", schema_version=1, published=True)


class AsyncBooks(mb.AsyncAbstractRepository[Book]):
    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[UUID, Book] = {}

    async def add(self, book: Book) -> None:
        self.rows[book.id] = book
        self.seen.append(book)


class SyncBooks(mb.SyncAbstractRepository[Book]):
    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[UUID, Book] = {}

    def add(self, book: Book) -> None:
        self.rows[book.id] = book
        self.seen.append(book)


class AsyncShelf(mb.AsyncAbstractUnitOfWork):
    def __init__(self) -> None:
        self.books = AsyncBooks()

    async def commit(self) -> None:
        pass

    async def rollback(self) -> None:
        pass


class SyncShelf(mb.SyncAbstractUnitOfWork):
    def __init__(self) -> None:
        self.books = SyncBooks()

    def commit(self) -> None:
        pass

    def rollback(self) -> None:
        pass


class AsyncWire(mb.AsyncAbstractEventstreamTransport):
    def __init__(self) -> None:
        self.sent: list[Mapping[str, Any]] = []

    async def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        self.sent.append(message)


class SyncWire(mb.SyncAbstractEventstreamTransport):
    def __init__(self) -> None:
        self.sent: list[Mapping[str, Any]] = []

    def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        self.sent.append(message)


async def register_async(command: RegisterBook, shelf: AsyncShelf) -> str:
    book = Book(id=command.id, isbn=command.isbn, title=command.title, author=command.author)
    await shelf.books.add(book)
    book.messages.append(
        BookRegistered(id=book.id, isbn=book.isbn, title=book.title, author=book.author)
    )
    return "registered"


def register(command: RegisterBook, shelf: SyncShelf) -> str:
    book = Book(id=command.id, isbn=command.isbn, title=command.title, author=command.author)
    shelf.books.add(book)
    book.messages.append(
        BookRegistered(id=book.id, isbn=book.isbn, title=book.title, author=book.author)
    )
    return "registered"


async def listen_async(event: BookRegistered, shelf: AsyncShelf) -> None:
    pass


def listen(event: BookRegistered, shelf: SyncShelf) -> None:
    pass


async_bus = mb.AsyncMessageBus()
async_bus.add_listener(RegisterBook, register_async)
async_bus.add_listener(BookRegistered, listen_async)
sync_bus = mb.SyncMessageBus()
sync_bus.add_listener(RegisterBook, register)
sync_bus.add_listener(BookRegistered, listen)


async def dispatch_async(shelf: AsyncShelf, commands: int) -> None:
    for _ in range(commands):
        command = RegisterBook(id=uuid7(), **TEXTS)
        async with shelf as transaction:
            await async_bus.handle(command, transaction)
            await transaction.commit()


def dispatch(shelf: SyncShelf, commands: int) -> None:
    for _ in range(commands):
        command = RegisterBook(id=uuid7(), **TEXTS)
        with shelf as transaction:
            sync_bus.handle(command, transaction)
            transaction.commit()


def works(
    open_async: Callable[[AsyncWire], AsyncShelf], open_sync: Callable[[SyncWire], SyncShelf]
) -> Mapping[str, Callable[[int], float]]:
    """The timed work in each variant, on the shelf that the function makes of a wire."""

    async def run_async(commands: int) -> float:
        wire = AsyncWire()
        shelf = open_async(wire)
        start = perf_counter()
        await dispatch_async(shelf, commands)
        seconds = perf_counter() - start
        _check(wire.sent, commands)
        return seconds

    def run_sync(commands: int) -> float:
        wire = SyncWire()
        shelf = open_sync(wire)
        start = perf_counter()
        dispatch(shelf, commands)
        seconds = perf_counter() - start
        _check(wire.sent, commands)
        return seconds

    return {"async": lambda commands: asyncio.run(run_async(commands)), "sync": run_sync}


def _check(sent: list[Mapping[str, Any]], commands: int) -> None:
    if len(sent) != commands:
        raise RuntimeError(f"{commands} commands sent {len(sent)} events; each must send one")
