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
    metadata: Metadata = Metadata(
        name="book_registered", schema_version=1, published=True
    )


class Book(Model):
    title: str


class Books(AsyncAbstractRepository[Book]):
    async def add(self, book: Book) -> None:
        self.seen.append(book)


class Printer(AsyncAbstractEventstreamTransport):
    async def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        print("stream:", message["type"], message["payload"])


class Library(AsyncAbstractUnitOfWork):
    def __init__(self) -> None:
        publisher = AsyncEventstreamPublisher(Printer())
        self.eventstore = AsyncSinkholeEventstoreRepository(publisher)
        self.books = Books()

    async def commit(self) -> None:
        print("commit")

    async def rollback(self) -> None:
        print("rollback")


async def register_book(cmd: RegisterBook, uow: Library) -> str:
    book = Book(title=cmd.title)
    book.messages.append(BookRegistered(title=book.title))
    await uow.books.add(book)
    return f"{book.title} is on the shelf"


async def main() -> None:
    bus = AsyncMessageBus()
    bus.add_listener(RegisterBook, register_book)
    async with Library() as transaction:
        answer = await bus.handle(RegisterBook(title="Peopleware"), transaction)
        print("answer:", answer)
        await transaction.commit()


asyncio.run(main())
