"""The library's unit of work, without a single `await`."""

from uuid import UUID

from result import Ok

from messagebus import (
    SyncAbstractEventstreamTransport,
    SyncAbstractRepository,
    SyncAbstractUnitOfWork,
    SyncEventstreamPublisher,
    SyncMessageBus,
    SyncSinkholeEventstoreRepository,
)
from reading_club.domain.messages import BookRegistered, RegisterBook
from reading_club.domain.model import Book
from reading_club.domain.results import BookRepositoryOperationResult


class Shelf(SyncAbstractRepository[Book]):
    def __init__(self) -> None:
        self.rows: dict[UUID, Book] = {}

    def add(self, book: Book) -> None:
        self.rows[book.id] = book
        self.seen.append(book)


class LibraryUnitOfWork(SyncAbstractUnitOfWork):
    def __init__(self, transport: SyncAbstractEventstreamTransport) -> None:
        self.shelf = Shelf()
        self.kept: dict[UUID, Book] = {}
        publisher = SyncEventstreamPublisher(transport)
        self.eventstore = SyncSinkholeEventstoreRepository(publisher)

    def commit(self) -> None:
        self.kept = dict(self.shelf.rows)

    def rollback(self) -> None:
        self.shelf.rows = dict(self.kept)


def shelve(cmd: RegisterBook, uow: LibraryUnitOfWork) -> BookRepositoryOperationResult:
    book = Book(id=cmd.id, isbn=cmd.isbn, title=cmd.title, author=cmd.author)
    uow.shelf.add(book)
    book.messages.append(BookRegistered(**book.model_dump()))
    return Ok(...)


def library_bus() -> SyncMessageBus:
    bus = SyncMessageBus()
    bus.add_listener(RegisterBook, shelve)
    return bus
