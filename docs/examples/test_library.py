"""An application's test, with the fixtures of messagebus.testing."""

from messagebus import (
    Command,
    Event,
    Metadata,
    Model,
    SyncAbstractEventstoreRepository,
    SyncAbstractRepository,
    SyncAbstractUnitOfWork,
    SyncMessageBus,
)
from messagebus.testing import (
    SyncInMemoryEventstoreRepository,
    SyncInMemoryEventstreamTransport,
)


class LendBook(Command[None]):
    title: str


class BookLent(Event):
    title: str
    metadata: Metadata = Metadata(
        name="book_lent", schema_version=1, published=True
    )


class Book(Model):
    title: str


class Library(SyncAbstractUnitOfWork):
    def __init__(self, eventstore: SyncAbstractEventstoreRepository) -> None:
        self.books = SyncAbstractRepository[Book]()
        self.eventstore = eventstore

    def commit(self) -> None: ...

    def rollback(self) -> None: ...


def lend_book(cmd: LendBook, uow: Library) -> None:
    book = Book(title=cmd.title)
    book.messages.append(BookLent(title=book.title))
    uow.books.seen.append(book)


def test_a_lent_book_is_told_to_the_stream(
    sync_eventstore: SyncInMemoryEventstoreRepository,
    sync_transport: SyncInMemoryEventstreamTransport,
) -> None:
    bus = SyncMessageBus()
    bus.add_listener(LendBook, lend_book)

    with Library(sync_eventstore) as transaction:
        bus.handle(LendBook(title="Peopleware"), transaction)
        transaction.commit()

    assert sync_eventstore.messages == [
        LendBook(title="Peopleware"),
        BookLent(title="Peopleware"),
    ]
    assert [each["type"] for each in sync_transport.events] == ["book_lent_v1"]
