"""The behaviour of the installed messagebus in six situations, a line of JSON for each.

Written for the original's names and ours: what is called differently is looked up.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

import messagebus as mb


class AddBook(mb.Command):
    title: str
    metadata: mb.Metadata = mb.Metadata(name="add_book", schema_version=1)


class BookAdded(mb.Event):
    title: str
    metadata: mb.Metadata = mb.Metadata(name="book_added", schema_version=1, published=True)


class Weighed(mb.Event):
    kilos: float
    metadata: mb.Metadata = mb.Metadata(name="weighed", schema_version=1)


class Book(mb.Model):
    title: str


class Wire(mb.SyncAbstractEventstreamTransport):
    def __init__(self, away_for: int = 0) -> None:
        self.sent: list[str] = []
        self.attempts = 0
        self.away_for = away_for

    def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        self.attempts += 1
        if self.attempts == self.away_for:
            raise ConnectionError("away")
        text = json.dumps(message["payload"])
        self.sent.append(next(word for word in ("Emma", "Persuasion", "Ulysses") if word in text))


class Shelf(mb.SyncAbstractUnitOfWork):
    def __init__(self, wire: Wire) -> None:
        super().__init__()
        names = vars(mb)
        store = names.get("SyncSinkholeEventstoreRepository") or names.get(
            "SyncSinkholeMessageStoreRepository"
        )
        self.books = mb.SyncAbstractRepository[Book]()
        kept: Any = store(mb.SyncEventstreamPublisher(wire)) if store else None
        self.eventstore = kept
        self.messagestore = kept

    def commit(self) -> None: ...

    def rollback(self) -> None: ...


def add(cmd: AddBook, uow: Shelf) -> None:
    book = Book(title=cmd.title)
    uow.books.seen.append(book)
    book.messages.append(BookAdded(title=cmd.title))


def made_bus() -> Any:
    bus: Any = mb.SyncMessageBus()
    bus.add_listener(AddBook, add)
    return bus


def transact(uow: Any, bus: Any, title: str, decide: str) -> None:
    with uow as transaction:
        bus.handle(AddBook(title=title), transaction)
        getattr(transaction, decide)()


def ghost() -> object:
    wire = Wire()
    uow, bus = Shelf(wire), made_bus()
    transact(uow, bus, "Emma", "rollback")
    transact(uow, bus, "Ulysses", "commit")
    return wire.sent


def unheard() -> object:
    bus: Any = mb.SyncMessageBus()
    with Shelf(Wire()) as transaction:
        bus.handle(AddBook(title="Emma"), transaction)
        transaction.commit()
    return "nothing is said"


def claimed() -> object:
    metadata = {"name": "add_book", "schema_version": 1, "published": True}
    command = AddBook.model_validate({"title": "Emma", "metadata": metadata})
    return f"published: {command.metadata.published}"


def decided_twice() -> object:
    with Shelf(Wire()) as transaction:
        transaction.commit()
        transaction.rollback()
    return "rolled back after the commit"


def not_a_number() -> object:
    return f"kilos: {Weighed.model_validate({'kilos': 'nan'}).kilos}"


def broker_away() -> object:
    wire = Wire(away_for=1)
    uow, bus = Shelf(wire), made_bus()
    try:
        transact(uow, bus, "Emma", "commit")
    except Exception as error:
        first = type(error).__name__
    else:
        first = "nothing is said"
    transact(uow, bus, "Ulysses", "commit")
    return f"{first}, then sent: {', '.join(wire.sent)}"


def outcome(situation: Callable[[], object]) -> str:
    try:
        value = situation()
    except Exception as error:
        return f"`{type(error).__name__}`"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


if __name__ == "__main__":
    situations = [ghost, unheard, claimed, decided_twice, not_a_number, broker_away]
    print(json.dumps([outcome(each) for each in situations]))
