"""A command, its handler, and the event that leaves after the commit."""

import asyncio
from collections.abc import Mapping
from typing import Any

from messagebus import (
    AsyncAbstractEventstreamTransport,
    AsyncAbstractRepository,
    AsyncAbstractUnitOfWork,
    AsyncEventstreamPublisher,
    AsyncMessageBus,
    AsyncSinkholeEventstoreRepository,
    Command,
    Event,
    Metadata,
    Model,
)


class RegisterBook(Command[str]):
    title: str


class BookRegistered(Event):
    title: str
    metadata: Metadata = Metadata(name="book_registered", schema_version=1, published=True)


class Book(Model):
    title: str


class Printer(AsyncAbstractEventstreamTransport):
    async def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        print(message["type"], message["payload"])


class Library(AsyncAbstractUnitOfWork):
    def __init__(self) -> None:
        self.books = AsyncAbstractRepository[Book]()
        publisher = AsyncEventstreamPublisher(Printer())
        self.eventstore = AsyncSinkholeEventstoreRepository(publisher=publisher)

    async def commit(self) -> None:
        print("committed")

    async def rollback(self) -> None:
        print("rolled back")


async def register_book(cmd: RegisterBook, uow: Library) -> str:
    book = Book(title=cmd.title)
    book.messages.append(BookRegistered(title=cmd.title))
    uow.books.seen.append(book)
    return book.title


async def main() -> None:
    bus = AsyncMessageBus()
    bus.add_listener(RegisterBook, register_book)
    async with Library() as transaction:
        title = await bus.handle(RegisterBook(title="Domain-Driven Design"), transaction)
        print("registered", title)
        await transaction.commit()


asyncio.run(main())
