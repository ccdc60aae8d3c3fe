"""Handlers that are not called, events that do not leave: what causes it."""

import warnings
from collections.abc import Callable

from docs.examples.shared import (
    Book,
    BookRegistered,
    Books,
    RegisterBook,
    Shelf,
    register,
)

from messagebus import (
    Event,
    MessageBusError,
    SyncEventstreamPublisher,
    SyncMessageBus,
    SyncSinkholeEventstoreRepository,
)
from messagebus.testing import SyncInMemoryEventstreamTransport


class AudiobookRegistered(BookRegistered):
    pass


class BookLent(Event):
    title: str


def announce(event: BookRegistered, uow: Shelf) -> None:
    print("announced:", event.title)


bus = SyncMessageBus()
bus.add_listener(RegisterBook, register)
bus.add_listener(BookRegistered, announce)


def a_subclass() -> None:
    with Shelf() as transaction:
        bus.handle(AudiobookRegistered(title="Emma"), transaction)
        transaction.commit()


def an_unseen_model() -> None:
    def lend(command: RegisterBook, uow: Shelf) -> str:
        book = Book(title=command.title)
        book.messages.append(BookRegistered(title=book.title))
        return "lent"

    unseen = SyncMessageBus()
    unseen.add_listener(RegisterBook, lend)
    unseen.add_listener(BookRegistered, announce)
    with Shelf() as transaction:
        print(unseen.handle(RegisterBook(title="Emma"), transaction))
        transaction.commit()


def a_hidden_repository() -> None:
    class Hidden(Shelf):
        def __init__(self) -> None:
            self.shelves = {"novels": Books()}

        def commit(self) -> None:
            pass

    def add(command: RegisterBook, uow: Hidden) -> str:
        uow.shelves["novels"].add(Book(title=command.title))
        return "added"

    hidden = SyncMessageBus()
    hidden.add_listener(RegisterBook, add)
    with Hidden() as transaction:
        hidden.handle(RegisterBook(title="Emma"), transaction)
        transaction.commit()


def a_message_after_the_last_handler() -> None:
    with Shelf() as transaction:
        bus.handle(RegisterBook(title="Emma"), transaction)
        (book,) = transaction.books.added
        book.messages.append(BookRegistered(title="Emma, second edition"))
        transaction.commit()


def two_events() -> None:
    def lend(command: RegisterBook, uow: Shelf) -> str:
        uow.books.add(book := Book(title=command.title))
        book.messages.append(BookLent(title=book.title))
        book.messages.append(BookRegistered(title=book.title))
        return "lent"

    transport = SyncInMemoryEventstreamTransport()
    lending = SyncMessageBus()
    lending.add_listener(RegisterBook, lend)
    shelf = Shelf()
    shelf.eventstore = SyncSinkholeEventstoreRepository(
        SyncEventstreamPublisher(transport)
    )
    with shelf as transaction:
        lending.handle(RegisterBook(title="Emma"), transaction)
        print("sent before the commit:", len(transport.events))
        transaction.commit()
    print("sent after it:", [message["type"] for message in transport.events])


def show(symptom: Callable[[], None]) -> None:
    print(f"# {symptom.__name__}")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            symptom()
        except MessageBusError as error:
            print(f"{type(error).__name__}: {error}")
    for warning in caught:
        print(f"{warning.category.__name__}: {warning.message}")
    print()


if __name__ == "__main__":
    show(a_subclass)
    show(an_unseen_model)
    show(a_hidden_repository)
    show(a_message_after_the_last_handler)
    show(two_events)
