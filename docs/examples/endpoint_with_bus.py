"""The same endpoint with the bus: its mail leaves after the commit."""

from typing import Annotated

from docs.examples.ordinary_endpoint import (
    BookRow,
    mail_members,
    open_session,
    post_one_book_twice,
)
from fastapi import Depends, FastAPI
from sqlalchemy.orm import Session

from messagebus import (
    Command,
    Event,
    Model,
    SyncAbstractRepository,
    SyncAbstractUnitOfWork,
    SyncDependency,
    SyncMessageBus,
)


class RegisterBook(Command[None]):
    isbn: str
    title: str


class BookRegistered(Event):
    title: str


class Book(Model):
    isbn: str
    title: str


class Books(SyncAbstractRepository[Book]):
    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def add(self, book: Book) -> None:
        self._session.add(BookRow(isbn=book.isbn, title=book.title))
        self.seen.append(book)


class Shelf(SyncAbstractUnitOfWork):
    def __init__(self, session: Session) -> None:
        self.session = session
        self.books = Books(session)

    def commit(self) -> None:
        self.session.commit()

    def rollback(self) -> None:
        self.session.rollback()


class Mailer(SyncDependency):
    def __init__(self) -> None:
        self.texts: list[str] = []

    def on_after_commit(self) -> None:
        for text in self.texts:
            mail_members(text)


def register_book(command: RegisterBook, uow: Shelf) -> None:
    book = Book(isbn=command.isbn, title=command.title)
    book.messages.append(BookRegistered(title=book.title))
    uow.books.add(book)


def tell_members(event: BookRegistered, uow: Shelf, mailer: Mailer) -> None:
    mailer.texts.append(f"New on the shelf: {event.title}")


bus = SyncMessageBus(mailer=Mailer)
bus.add_listener(RegisterBook, register_book)
bus.add_listener(BookRegistered, tell_members)

app = FastAPI()


@app.post("/books", status_code=201)
def post_book(
    command: RegisterBook, session: Annotated[Session, Depends(open_session)]
) -> None:
    with Shelf(session) as transaction:
        bus.handle(command, transaction)
        transaction.commit()


if __name__ == "__main__":
    post_one_book_twice(app)
