"""One command, one SQL transaction in a fresh SQLite file: a book and its two messages.

By hand, by SQLAlchemy Core, and by the reading club. All of them make the club's own messages and
write the same rows, on a connection that stays open.
"""

import asyncio
import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Any
from zlib import crc32

import sqlalchemy as sa
from lastuuid import uuid7
from pydantic import SecretStr
from sqlalchemy import event

from bench.books import isbns
from bench.workers.serving import serve
from reading_club.adapters.schema import upgrade
from reading_club.adapters.tables import books, metadata
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.bootstrap import Settings, open_club
from reading_club.domain.isbn import isbn_13
from reading_club.domain.messages import BookRegistered, RegisterBook
from reading_club.domain.model import Book

messages_table = metadata.tables["eventstore"]


def commands(count: int) -> Iterator[RegisterBook]:
    for isbn in isbns(count):
        yield RegisterBook(id=uuid7(), isbn=isbn, title="Refactoring", author="Martin Fowler")


def handled(command: RegisterBook) -> tuple[Book, BookRegistered]:
    book = Book(id=command.id, isbn=command.isbn, title=command.title, author=command.author)
    return book, BookRegistered(id=book.id, isbn=book.isbn, title=book.title, author=book.author)


def message_row(
    kind: str, message: RegisterBook | BookRegistered, cause: RegisterBook | None
) -> dict[str, Any]:
    return {
        "kind": kind,
        "published": message.metadata.published,
        "id": str(message.message_id),
        "created_at": message.created_at.isoformat(),
        "type": f"{message.metadata.name}_v{message.metadata.schema_version}",
        "payload": json.dumps(message.model_dump(mode="json"), ensure_ascii=False),
        "stream_key": (key := str(message.id) if cause else ""),
        "slot": crc32(key.encode()) % 256,
        "correlation_id": str((cause or message).message_id),
        "causation_id": str(cause.message_id) if cause else None,
    }


def configure(connection: sqlite3.Connection) -> None:
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}")


def by_hand(path: Path, count: int) -> float:
    add_book = "INSERT INTO books (id, isbn_13, isbn, title, author) VALUES (?, ?, ?, ?, ?)"
    add_message = (
        "INSERT INTO eventstore"
        " (kind, published, id, created_at, type, payload, stream_key,"
        " slot, correlation_id, causation_id) VALUES (:kind, :published, :id, :created_at, :type,"
        " :payload, :stream_key, :slot, :correlation_id, :causation_id)"
    )
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        configure(connection)
        start = perf_counter()
        for command in commands(count):
            book, registered = handled(command)
            row = (book.id.hex, isbn_13(book.isbn), book.isbn, book.title, book.author)
            messages = [
                message_row("command", command, None),
                message_row("event", registered, command),
            ]
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(add_book, row)
            connection.executemany(add_message, messages)
            connection.execute("COMMIT")
        return perf_counter() - start


def by_core(path: Path, count: int) -> float:
    add_book, add_message = books.insert(), messages_table.insert()
    engine = sa.create_engine(
        f"sqlite:///{path}", connect_args={"isolation_level": None}, pool_reset_on_return=None
    )

    @event.listens_for(engine, "connect")
    def set_up(connection: sqlite3.Connection, _record: object) -> None:
        configure(connection)

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    with engine.connect() as connection:
        start = perf_counter()
        for command in commands(count):
            book, registered = handled(command)
            row = {**book.model_dump(), "isbn_13": isbn_13(book.isbn)}
            messages = [
                message_row("command", command, None),
                message_row("event", registered, command),
            ]
            with connection.begin():
                connection.execute(add_book, row)
                connection.execute(add_message, messages)
        seconds = perf_counter() - start
    engine.dispose()
    return seconds


async def by_club(path: Path, count: int, *, blocking: bool = False) -> float:
    settings = Settings(database_url=SecretStr(str(path)))
    async with open_club(settings, blocking=blocking) as club:
        uow = ClubUnitOfWork(club.database)
        start = perf_counter()
        for command in commands(count):
            async with uow as transaction:
                await club.bus.handle(command, transaction)
                await transaction.commit()
        return perf_counter() - start


def on_fresh_file(work: Callable[[Path, int], float]) -> Callable[[int], float]:
    """The work on a database of its own, whose rows are counted at the end."""

    def run(count: int) -> float:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "shelf.db"
            engine = sa.create_engine(f"sqlite:///{path}")
            with engine.begin() as connection:
                upgrade(connection)
            isbn_13.cache_clear()
            seconds = work(path, count)
            with engine.connect() as connection:
                rows = [
                    connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
                    for table in (books, messages_table)
                ]
            engine.dispose()
        if rows != [count, 2 * count]:
            raise RuntimeError(f"{count} commands wrote {rows} rows; a book and two messages each")
        return seconds

    return run


if __name__ == "__main__":
    serve(
        {
            "hand": on_fresh_file(by_hand),
            "core": on_fresh_file(by_core),
            "club": on_fresh_file(lambda path, count: asyncio.run(by_club(path, count))),
            "blocking": on_fresh_file(
                lambda path, count: asyncio.run(by_club(path, count, blocking=True))
            ),
        }
    )
