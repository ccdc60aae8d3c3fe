"""Books registered one after the other by a blocking program: `twin DATABASE WAY`.

By SQLAlchemy's engine and nothing else, and by the sync bus with a unit of work on that engine;
both make the same messages and write the same rows.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import sqlalchemy as sa

from bench.workers.databases import empty
from bench.workers.serving import serve
from bench.workers.shelf_file import commands, handled, message_row, messages_table
from messagebus import SyncAbstractRepository, SyncMessageBus
from messagebus.adapters.sqlalchemy import (
    SyncSqlDatabase,
    SyncSqlSession,
    SyncSqlUnitOfWork,
    open_sync_database,
)
from messagebus.adapters.sqlalchemy.statements import added, insert_unless_taken
from reading_club.adapters.tables import books, eventstore
from reading_club.domain.isbn import isbn_13
from reading_club.domain.messages import RegisterBook
from reading_club.domain.model import Book

ADD_BOOK = insert_unless_taken(books)
ADD_MESSAGES = messages_table.insert()


def row_of(book: Book) -> dict[str, object]:
    return {**book.model_dump(), "isbn_13": isbn_13(book.isbn)}


class Books(SyncAbstractRepository[Book]):
    def __init__(self, session: SyncSqlSession) -> None:
        self._session = session

    def add(self, book: Book) -> bool:
        self.seen.append(book)
        return self._session.run(added, ADD_BOOK, row_of(book))


class Shelf(SyncSqlUnitOfWork):
    def __init__(self, database: SyncSqlDatabase) -> None:
        super().__init__(database, eventstore)
        self.books = Books(self.session)


def register(command: RegisterBook, uow: Shelf) -> bool:
    book, registered = handled(command)
    kept = uow.books.add(book)
    if kept:
        book.messages.append(registered)
    return kept


def by_bus(database: SyncSqlDatabase, count: int) -> float:
    bus = SyncMessageBus()
    bus.add_listener(RegisterBook, register)
    start = perf_counter()
    for command in commands(count):
        with Shelf(database) as transaction:
            bus.handle(command, transaction)
            transaction.commit()
    return perf_counter() - start


def by_engine(database: SyncSqlDatabase, count: int) -> float:
    start = perf_counter()
    for command in commands(count):
        book, registered = handled(command)
        rows = [message_row("command", command, None), message_row("event", registered, command)]
        with database.engine.begin() as connection:
            added(connection, ADD_BOOK, row_of(book))
            connection.execute(ADD_MESSAGES, rows)
    return perf_counter() - start


def timed(database: str, work: Callable[[SyncSqlDatabase, int], float], count: int) -> float:
    """The work on a database of its own, whose rows are counted at the end."""
    with tempfile.TemporaryDirectory() as folder, empty(database, Path(folder)) as url:
        opened = open_sync_database(url)
        isbn_13.cache_clear()
        seconds = work(opened, count)
        with opened.engine.begin() as connection:
            rows = connection.scalar(sa.select(sa.func.count()).select_from(messages_table))
        opened.close()
    if rows != 2 * count:
        raise RuntimeError(f"{count} commands wrote {rows} messages; two each")
    return seconds


WAYS = {"engine": by_engine, "bus": by_bus}

if __name__ == "__main__":
    database, way = sys.argv.pop(1), sys.argv[1]
    serve({way: lambda count: timed(database, WAYS[way], count)})
