"""python-cqrs: a request handler raises a domain event; its event handler follows.

Its own stream takes another kind of event, which no handler hears: the envelope is written by a
plain call, as for every peer without one.
"""

import asyncio
import datetime
import logging
from collections.abc import Sequence
from time import perf_counter
from uuid import UUID

import cqrs
import di
from cqrs.bootstrap.requests import bootstrap
from cqrs.models.pydantic import PydanticDomainEvent, PydanticRequest
from lastuuid import uuid7
from pydantic import Field

from bench.workers.serving import serve
from bench.workers.without_bus import TEXTS, PlainBook, envelope, utc_now

logging.disable(logging.INFO)


class RegisterBook(PydanticRequest[None]):
    message_id: UUID = Field(default_factory=uuid7, exclude=True)
    created_at: datetime.datetime = Field(default_factory=utc_now, exclude=True)
    id: UUID
    isbn: str
    title: str
    author: str


class BookRegistered(PydanticDomainEvent, frozen=True):
    message_id: UUID = Field(default_factory=uuid7, exclude=True)
    created_at: datetime.datetime = Field(default_factory=utc_now, exclude=True)
    id: UUID
    isbn: str
    title: str
    author: str


rows: dict[UUID, PlainBook] = {}
raised: list[BookRegistered] = []


async def add(book: PlainBook) -> None:
    rows[book.id] = book


class Register(cqrs.RequestHandler[RegisterBook]):
    def __init__(self) -> None:
        self.raised: list[BookRegistered] = []

    @property
    def events(self) -> Sequence[BookRegistered]:
        return self.raised

    async def handle(self, request: RegisterBook) -> None:
        book = PlainBook(
            id=request.id, isbn=request.isbn, title=request.title, author=request.author
        )
        await add(book)
        self.raised.append(
            BookRegistered(id=book.id, isbn=book.isbn, title=book.title, author=book.author)
        )


class Listen(cqrs.EventHandler[BookRegistered]):
    async def handle(self, event: BookRegistered) -> None:
        raised.append(event)


mediator = bootstrap(
    di_container=di.Container(),
    commands_mapper=lambda requests: requests.bind(RegisterBook, Register),
    domain_events_mapper=lambda events: events.bind(BookRegistered, Listen),
)


async def run(commands: int) -> float:
    rows.clear()
    sent: list[dict[str, str]] = []

    async def send(message: dict[str, str]) -> None:
        sent.append(message)

    start = perf_counter()
    for _ in range(commands):
        await mediator.send(RegisterBook(id=uuid7(), **TEXTS))
        event = raised.pop()
        await send(envelope(event.message_id, event.created_at, event.model_dump(mode="json")))
    return perf_counter() - start


serve({"async": lambda commands: asyncio.run(run(commands))})
