"""The club's endpoints, by hand or by the club: `http_server WAY URL`; it prints its port.

WAY is `hand`, `club`, or `relayed`: the club with its relay beside it.

By hand there is FastAPI and SQLAlchemy, and no bus: the same bodies, the same answers, the same
rows. On PostgreSQL an `AsyncEngine`, on SQLite plain functions, which FastAPI runs in its threads.
"""

import asyncio
import os
import socket
import sys
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import uvicorn
from fastapi import FastAPI
from lastuuid import uuid7
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import create_async_engine

from bench.workers.concurrent_writers import written
from bench.workers.shelf_file import messages_table
from messagebus.adapters.sqlalchemy import open_sync_database
from reading_club.adapters.catalogue import SHELF
from reading_club.adapters.queries import BEFORE_ALL
from reading_club.adapters.tables import books
from reading_club.bootstrap import Settings, open_club
from reading_club.domain.isbn import isbn_13
from reading_club.domain.messages import RegisterBook
from reading_club.domain.model import Book
from reading_club.entrypoints import logs
from reading_club.entrypoints.http.bodies import NewBook, ShelfPage
from reading_club.entrypoints.http.server import serve
from reading_club.service.catalogue import ShelvedBook

ADD_BOOK, ADD_MESSAGE = books.insert(), messages_table.insert()
PAGE = SHELF.where(books.c.id > sa.bindparam("after")).limit(sa.bindparam("limit"))


def _row(book: Book) -> dict[str, Any]:
    return {**book.model_dump(), "isbn_13": isbn_13(book.isbn)}


def _page(found: list[ShelvedBook], limit: int) -> ShelfPage:
    shown = found[:limit]
    return ShelfPage(books=shown, next=shown[-1].id if len(found) > limit else None)


def _shelved(book: Book) -> ShelvedBook:
    return ShelvedBook(**book.model_dump(), reviews=0, rating=None)


def on_postgresql(url: str) -> FastAPI:
    app = FastAPI()
    engine = create_async_engine(
        sa.make_url(url).set(drivername="postgresql+asyncpg"), pool_size=10, max_overflow=0
    )

    async def register(body: NewBook) -> ShelvedBook:
        book, rows = written(RegisterBook(id=uuid7(), **body.model_dump()))
        async with engine.begin() as connection:
            await connection.execute(ADD_BOOK, _row(book))
            await connection.execute(ADD_MESSAGE, rows)
        return _shelved(book)

    async def shelf(after: UUID = BEFORE_ALL, limit: int = 20) -> ShelfPage:
        async with engine.connect() as connection:
            found = await connection.execute(PAGE, {"after": after, "limit": limit + 1})
            return _page([ShelvedBook(**row) for row in found.mappings()], limit)

    app.post("/books", status_code=201)(register)
    app.get("/books")(shelf)
    return app


def on_sqlite(url: str) -> FastAPI:
    app = FastAPI()
    engine = open_sync_database(url).engine
    read_only = engine.execution_options(messagebus_reads=True)

    def register(body: NewBook) -> ShelvedBook:
        book, rows = written(RegisterBook(id=uuid7(), **body.model_dump()))
        with engine.begin() as connection:
            connection.execute(ADD_BOOK, _row(book))
            connection.execute(ADD_MESSAGE, rows)
        return _shelved(book)

    def shelf(after: UUID = BEFORE_ALL, limit: int = 20) -> ShelfPage:
        with read_only.connect() as connection:
            found = connection.execute(PAGE, {"after": after, "limit": limit + 1})
            return _page([ShelvedBook(**row) for row in found.mappings()], limit)

    app.post("/books", status_code=201)(register)
    app.get("/books")(shelf)
    return app


async def by_club(url: str, listening: socket.socket, *, with_relay: bool = False) -> None:
    settings = Settings(database_url=SecretStr(url))
    logs.configure(json=False)
    async with open_club(settings) as club:
        await serve(club, listening, with_relay=with_relay)


async def by_hand(url: str, listening: socket.socket) -> None:
    app = on_postgresql(url) if url.startswith("postgresql") else on_sqlite(url)
    await uvicorn.Server(uvicorn.Config(app)).serve(sockets=[listening])


if __name__ == "__main__":
    way, url = sys.argv[1:]
    with socket.create_server(("127.0.0.1", 0), backlog=2048) as listening:
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        print(listening.getsockname()[1], flush=True)
        # The parent reads no further, and the log by hand goes to standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if way == "hand":
            asyncio.run(by_hand(url, listening))
        else:
            asyncio.run(by_club(url, listening, with_relay=way == "relayed"))
