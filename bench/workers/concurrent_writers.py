"""Books registered by many units of work at once: `crowd DATABASE WAY AT_ONCE`.

DATABASE is `sqlite` or `postgresql`. By hand on the driver, by SQLAlchemy without the bus, and by
the reading club; all make the club's own messages and write the same rows.
"""

import asyncio
import os
import sqlite3
import sys
import tempfile
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Any

import asyncpg
import sqlalchemy as sa
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import create_async_engine

from bench.workers.serving import serve
from bench.workers.shelf_file import (
    commands,
    configure,
    handled,
    message_row,
    messages_table,
)
from reading_club.adapters.schema import upgrade
from reading_club.adapters.tables import books
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.bootstrap import ReadingClub, Settings, open_club
from reading_club.domain.isbn import isbn_13
from reading_club.domain.messages import RegisterBook
from reading_club.domain.model import Book

SERVER = os.environ.get("TEST_POSTGRESQL_URL", "postgresql://postgres@127.0.0.1:5432/postgres")
ADD_BOOK = "INSERT INTO books (id, isbn_13, isbn, title, author) VALUES ($1, $2, $3, $4, $5)"
COLUMNS = list(message_row("command", next(iter(commands(1))), None))
ADD_MESSAGE = (
    f"INSERT INTO eventstore ({', '.join(COLUMNS)}) VALUES "
    f"({', '.join(f'${number}' for number in range(1, len(COLUMNS) + 1))})"
)

Register = Callable[[RegisterBook], Awaitable[None]]


def written(command: RegisterBook) -> tuple[Book, list[dict[str, Any]]]:
    """The book of a command, and the rows of its two messages."""
    book, registered = handled(command)
    return book, [message_row("command", command, None), message_row("event", registered, command)]


async def crowded(register: Register, count: int, at_once: int) -> float:
    """Seconds in which as many tasks as asked give all the commands."""
    waiting = commands(count)

    async def work() -> None:
        for command in waiting:
            await register(command)

    start = perf_counter()
    await asyncio.gather(*(work() for _ in range(at_once)))
    return perf_counter() - start


async def by_sqlite3(path: Path, count: int) -> float:
    """One connection that blocks: the tasks come one after the other by themselves."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        configure(connection)

        async def register(command: RegisterBook) -> None:
            book, rows = written(command)
            row = (book.id.hex, isbn_13(book.isbn), book.isbn, book.title, book.author)
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(ADD_BOOK.replace("$", "?"), row)
            connection.executemany(
                ADD_MESSAGE.replace("$", "?"), [(*each.values(),) for each in rows]
            )
            connection.execute("COMMIT")

        return await crowded(register, count, 1)


async def by_asyncpg(url: str, count: int, at_once: int) -> float:
    async with asyncpg.create_pool(url, min_size=min(at_once, 10), max_size=10) as pool:

        async def register(command: RegisterBook) -> None:
            book, registered = handled(command)
            rows = [
                message_row("command", command, None),
                message_row("event", registered, command),
            ]
            async with pool.acquire() as connection, connection.transaction():
                await connection.execute(
                    ADD_BOOK, book.id, isbn_13(book.isbn), book.isbn, book.title, book.author
                )
                await connection.executemany(ADD_MESSAGE, [tuple(row.values()) for row in rows])

        return await crowded(register, count, at_once)


async def by_core(url: str, count: int, at_once: int) -> float:
    engine = create_async_engine(
        sa.make_url(url).set(drivername="postgresql+asyncpg"), pool_size=10, max_overflow=0
    )
    add_book, add_message = books.insert(), messages_table.insert()

    async def register(command: RegisterBook) -> None:
        book, rows = written(command)
        async with engine.begin() as connection:
            await connection.execute(add_book, {**book.model_dump(), "isbn_13": isbn_13(book.isbn)})
            await connection.execute(add_message, rows)

    seconds = await crowded(register, count, at_once)
    await engine.dispose()
    return seconds


async def registered(club: ReadingClub, count: int, at_once: int) -> float:
    """Seconds in which the club handles all the commands, a unit of work for each."""

    async def register(command: RegisterBook) -> None:
        async with ClubUnitOfWork(club.database) as transaction:
            await club.bus.handle(command, transaction)
            await transaction.commit()

    return await crowded(register, count, at_once)


async def by_club(url: str, count: int, at_once: int) -> float:
    async with open_club(Settings(database_url=SecretStr(url))) as club:
        return await registered(club, count, at_once)


WAYS = {"hand": by_asyncpg, "core": by_core, "club": by_club}


async def on_postgresql(way: str, count: int, at_once: int) -> float:
    """The work in a database of its own, whose rows are counted at the end."""
    name = f"messagebus_bench_{os.getpid()}"
    server = await asyncpg.connect(SERVER)
    await server.execute(f"CREATE DATABASE {name}")
    url = sa.make_url(SERVER).set(database=name)
    engine = sa.create_engine(url.set(drivername="postgresql+psycopg"))
    try:
        with engine.begin() as connection:
            upgrade(connection)
        seconds = await WAYS[way](url.render_as_string(hide_password=False), count, at_once)
        with engine.connect() as connection:
            rows = connection.execute(sa.text("SELECT count(*) FROM eventstore")).scalar_one()
    finally:
        engine.dispose()
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await server.close()
    if rows != 2 * count:
        raise RuntimeError(f"{count} commands wrote {rows} messages; two each")
    return seconds


async def on_sqlite(way: str, count: int, at_once: int) -> float:
    """The work in a file of its own; by hand, units of work come one after the other."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "shelf.db"
        engine = sa.create_engine(f"sqlite:///{path}")
        with engine.begin() as connection:
            upgrade(connection)
        engine.dispose()
        if way == "hand":
            return await by_sqlite3(path, count)
        return await by_club(f"sqlite:///{path}", count, at_once)


if __name__ == "__main__":
    database, way, at_once = sys.argv.pop(1), sys.argv[1], int(sys.argv.pop(2))
    timed = {"postgresql": on_postgresql, "sqlite": on_sqlite}[database]
    serve({way: lambda count: asyncio.run(timed(way, count, at_once))})
