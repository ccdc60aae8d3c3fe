"""lato: a transaction context around the command; the end of the context writes to the stream."""

import asyncio
import datetime
from time import perf_counter
from uuid import UUID

from lastuuid import uuid7
from lato import Application, Command, Event, TransactionContext
from pydantic import ConfigDict, Field

from bench.workers.serving import serve
from bench.workers.without_bus import TEXTS, PlainBook, envelope, utc_now


class RegisterBook(Command):
    model_config = ConfigDict(frozen=True)

    created_at: datetime.datetime = Field(default_factory=utc_now, exclude=True)
    book_id: UUID
    isbn: str
    title: str
    author: str


class BookRegistered(Event):
    model_config = ConfigDict(frozen=True)

    created_at: datetime.datetime = Field(default_factory=utc_now, exclude=True)
    book_id: UUID
    isbn: str
    title: str
    author: str


app = Application("club")
rows: dict[UUID, PlainBook] = {}
raised: list[BookRegistered] = []
sent: list[dict[str, str]] = []


async def add(book: PlainBook) -> None:
    rows[book.id] = book


@app.handler(RegisterBook)
async def register(command: RegisterBook, ctx: TransactionContext) -> None:
    book = PlainBook(
        id=command.book_id, isbn=command.isbn, title=command.title, author=command.author
    )
    await add(book)
    event = BookRegistered(book_id=book.id, isbn=book.isbn, title=book.title, author=book.author)
    raised.append(event)
    await ctx.publish_async(event)


@app.handler(BookRegistered)
async def listen(event: BookRegistered) -> None:
    pass


@app.on_exit_transaction_context
async def publish(ctx: TransactionContext, exception: Exception | None = None) -> None:
    for event in raised:
        payload = event.model_dump(mode="json", exclude={"id"})
        sent.append(envelope(event.id, event.created_at, payload))
    raised.clear()


async def run(commands: int) -> float:
    rows.clear()
    sent.clear()
    start = perf_counter()
    for _ in range(commands):
        await app.execute_async(RegisterBook(book_id=uuid7(), **TEXTS))
    seconds = perf_counter() - start
    if len(sent) != commands:
        raise RuntimeError(f"{commands} commands sent {len(sent)} events; each must send one")
    return seconds


serve({"async": lambda commands: asyncio.run(run(commands))})
