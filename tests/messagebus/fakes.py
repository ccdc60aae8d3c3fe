"""A small shelf in both variants, played by a script: what happened, and what is to fail."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from messagebus import (
    AsyncAbstractEventstoreRepository,
    AsyncAbstractEventstreamTransport,
    AsyncAbstractRepository,
    AsyncAbstractUnitOfWork,
    AsyncDependency,
    AsyncEventstreamPublisher,
    Command,
    Event,
    Message,
    Metadata,
    Model,
    SyncAbstractEventstoreRepository,
    SyncAbstractEventstreamTransport,
    SyncAbstractRepository,
    SyncAbstractUnitOfWork,
    SyncDependency,
    SyncEventstreamPublisher,
)


class Register(Command[str]):
    title: str


class Registered(Event):
    title: str
    metadata: Metadata = Metadata(name="registered", schema_version=1, published=True)


class Shelved(Event):
    title: str


class Book(Model):
    title: str


class Script:
    """Writes down each step, and raises where a step is to fail."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.failing: dict[str, BaseException] = {}

    def play(self, step: str) -> None:
        self.calls.append(step)
        if step in self.failing:
            raise self.failing[step]


class Stream:
    """What the stream has taken, in order."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.events: list[Mapping[str, Any]] = []

    @property
    def titles(self) -> list[str]:
        return [json.loads(event["payload"])["title"] for event in self.events]

    def take(self, message: Mapping[str, Any]) -> None:
        self.script.play(f"send {json.loads(message['payload'])['title']}")
        self.events.append(message)


class AsyncStream(Stream, AsyncAbstractEventstreamTransport):
    async def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        self.take(message)


class SyncStream(Stream, SyncAbstractEventstreamTransport):
    def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        self.take(message)


class AsyncEventstore(AsyncAbstractEventstoreRepository):
    def __init__(self, stream: AsyncStream) -> None:
        super().__init__(AsyncEventstreamPublisher(stream))
        self.kept: list[Message[Any]] = []

    async def _add(self, message: Message[Any]) -> None:
        self.kept.append(message)


class SyncEventstore(SyncAbstractEventstoreRepository):
    def __init__(self, stream: SyncStream) -> None:
        super().__init__(SyncEventstreamPublisher(stream))
        self.kept: list[Message[Any]] = []

    def _add(self, message: Message[Any]) -> None:
        self.kept.append(message)


class Shelf:
    """A repository whose books raise what they are told to."""

    seen: list[Book]

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[str, Book] = {}

    def add(self, title: str, *messages: Message[Metadata]) -> Book:
        book = self.rows[title] = Book(title=title)
        book.messages.extend(messages)
        self.seen.append(book)
        return book

    def load(self, title: str) -> Book:
        self.seen.append(self.rows[title])
        return self.rows[title]


class AsyncShelf(Shelf, AsyncAbstractRepository[Book]):
    pass


class SyncShelf(Shelf, SyncAbstractRepository[Book]):
    pass


class AsyncUow(AsyncAbstractUnitOfWork):
    def __init__(self, stream: AsyncStream) -> None:
        self.script = stream.script
        self.books = AsyncShelf()
        self.kept = AsyncEventstore(stream)
        self.eventstore = self.kept

    async def commit(self) -> None:
        self.script.play("commit")

    async def rollback(self) -> None:
        self.script.play("rollback")


class SyncUow(SyncAbstractUnitOfWork):
    def __init__(self, stream: SyncStream) -> None:
        self.script = stream.script
        self.books = SyncShelf()
        self.kept = SyncEventstore(stream)
        self.eventstore = self.kept

    def commit(self) -> None:
        self.script.play("commit")

    def rollback(self) -> None:
        self.script.play("rollback")


Uow = AsyncUow | SyncUow


class AsyncMailer(AsyncDependency):
    def __init__(self, script: Script, name: str = "mailer") -> None:
        self.script = script
        self.name = name

    async def on_after_commit(self) -> None:
        self.script.play(f"{self.name} after commit")

    async def on_after_rollback(self) -> None:
        self.script.play(f"{self.name} after rollback")


class SyncMailer(SyncDependency):
    def __init__(self, script: Script, name: str = "mailer") -> None:
        self.script = script
        self.name = name

    def on_after_commit(self) -> None:
        self.script.play(f"{self.name} after commit")

    def on_after_rollback(self) -> None:
        self.script.play(f"{self.name} after rollback")


async def register(cmd: Register, uow: Uow) -> str:
    """The handler of most tests: a book that says that it was registered."""
    uow.books.add(cmd.title, Registered(title=cmd.title))
    return f"{cmd.title} is on the shelf"


def titles(messages: Sequence[Message[Any]]) -> list[str]:
    """Each message as its class and its title."""
    return [f"{type(message).__name__} {dict(message)['title']}" for message in messages]
