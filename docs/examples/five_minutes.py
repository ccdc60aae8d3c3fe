"""The tutorial's seventeen chapters in one file, over a real database."""

import asyncio
import sys
from tempfile import TemporaryDirectory

import sqlalchemy as sa

from messagebus import (
    AsyncAbstractRepository,
    AsyncMessageBus,
    Command,
    Event,
    Metadata,
    Model,
)
from messagebus.adapters.jsonlines import AsyncJsonLinesOutput
from messagebus.adapters.sqlalchemy import (
    AsyncSqlDatabase,
    AsyncSqlOutbox,
    AsyncSqlSession,
    AsyncSqlUnitOfWork,
    EventstoreTable,
    leader_of,
    open_database,
)
from messagebus.relay import AsyncRelay


class RegisterBook(Command[str]):
    isbn: str
    title: str


class BookRegistered(Event):
    isbn: str
    title: str
    metadata: Metadata = Metadata(
        name="book_registered", schema_version=1, published=True
    )


class Book(Model):
    isbn: str
    title: str

    @classmethod
    def register(cls, isbn: str, title: str) -> "Book":
        book = cls(isbn=isbn, title=title)
        book.messages.append(BookRegistered(isbn=isbn, title=title))
        return book


metadata = sa.MetaData()
books = sa.Table(
    "books",
    metadata,
    sa.Column("isbn", sa.String, primary_key=True),
    sa.Column("title", sa.String, nullable=False),
)
eventstore = EventstoreTable(metadata)


class Books(AsyncAbstractRepository[Book]):
    def __init__(self, session: AsyncSqlSession) -> None:
        super().__init__()
        self._session = session

    async def add(self, book: Book) -> None:
        insert = sa.insert(books).values(isbn=book.isbn, title=book.title)
        await self._session.run(sa.Connection.execute, insert)
        self.seen.append(book)


class Shelf(AsyncSqlUnitOfWork):
    def __init__(self, database: AsyncSqlDatabase) -> None:
        super().__init__(database, eventstore)
        self.books = Books(self.session)


async def register_book(command: RegisterBook, uow: Shelf) -> str:
    await uow.books.add(Book.register(command.isbn, command.title))
    return f"{command.title} is on the shelf"


async def announce(event: BookRegistered, uow: Shelf) -> None:
    print("in the same transaction:", event.title)


bus = AsyncMessageBus()
bus.add_listener(RegisterBook, register_book)
bus.add_listener(BookRegistered, announce)


async def handle(command: RegisterBook, database: AsyncSqlDatabase) -> str:
    async with Shelf(database) as transaction:
        answer = await bus.handle(command, transaction)
        await transaction.commit()
    return answer


async def relay(database: AsyncSqlDatabase) -> int:
    outbox = AsyncSqlOutbox(database, eventstore)
    stream = AsyncJsonLinesOutput(sys.stdout.buffer)
    leader = leader_of(database, eventstore)
    return await AsyncRelay(outbox, stream, leader).drain()


async def main(folder: str) -> None:
    database = open_database(f"sqlite:///{folder}/shelf.db")
    await database.create(metadata)
    command = RegisterBook(isbn="9780932633439", title="Peopleware")
    print(await handle(command, database))
    print("relayed:", await relay(database))
    await database.close()


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        asyncio.run(main(folder))
