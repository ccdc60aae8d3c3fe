"""A command, an event and a shelf, which the how-to guides share."""

from messagebus import (
    Command,
    Event,
    Metadata,
    Model,
    SyncAbstractRepository,
    SyncAbstractUnitOfWork,
    SyncMessageBus,
)


class RegisterBook(Command[str]):
    title: str


class BookRegistered(Event):
    title: str
    metadata: Metadata = Metadata(
        name="book_registered", schema_version=1, published=True
    )


class Book(Model):
    title: str


class Books(SyncAbstractRepository[Book]):
    def __init__(self) -> None:
        self.added: list[Book] = []

    def add(self, book: Book) -> None:
        self.added.append(book)
        self.seen.append(book)


ROWS: list[str] = []


class Shelf(SyncAbstractUnitOfWork):
    """Rows that a commit makes last: your connection stands here."""

    def __init__(self) -> None:
        self.books = Books()

    def commit(self) -> None:
        ROWS.extend(book.title for book in self.books.added)

    def rollback(self) -> None:
        self.books.added.clear()


def register(cmd: RegisterBook, uow: Shelf) -> str:
    uow.books.add(book := Book(title=cmd.title))
    book.messages.append(BookRegistered(title=book.title))
    return f"{book.title} is on the shelf"


bus = SyncMessageBus()
bus.add_listener(RegisterBook, register)
