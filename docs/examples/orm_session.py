"""A shelf that SQLAlchemy's ORM keeps, in one transaction with its messages."""

from tempfile import TemporaryDirectory
from typing import Self

from sqlalchemy import select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from messagebus import (
    Command,
    Event,
    Metadata,
    Model,
    SyncAbstractRepository,
    SyncMessageBus,
)
from messagebus.adapters.sqlalchemy import (
    EventstoreTable,
    SyncSqlDatabase,
    SyncSqlUnitOfWork,
    open_sync_database,
)


class RegisterBook(Command[None]):
    isbn: str
    title: str


class BookRegistered(Event):
    isbn: str
    metadata: Metadata = Metadata(
        name="book_registered", schema_version=1, published=True
    )


class Book(Model):
    isbn: str
    title: str


class Base(DeclarativeBase):
    pass


class BookRow(Base):
    __tablename__ = "books"

    isbn: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]


eventstore = EventstoreTable(Base.metadata)


class BookRepository(SyncAbstractRepository[Book]):
    def __init__(self, orm: Session) -> None:
        super().__init__()
        self._orm = orm

    def add(self, book: Book) -> None:
        self._orm.add(BookRow(**book.model_dump()))
        self.seen.append(book)


class Shelf(SyncSqlUnitOfWork):
    def __init__(self, database: SyncSqlDatabase) -> None:
        super().__init__(database, eventstore)
        self.orm = Session()
        self.books = BookRepository(self.orm)

    def __enter__(self) -> Self:
        transaction = super().__enter__()
        self.orm.bind = self.session.run(lambda connection: connection)
        return transaction

    def commit(self) -> None:
        self.orm.flush()
        super().commit()
        self.orm.close()

    def rollback(self) -> None:
        self.orm.close()
        super().rollback()


def register_book(command: RegisterBook, shelf: Shelf) -> None:
    book = Book(isbn=command.isbn, title=command.title)
    shelf.books.add(book)
    book.messages.append(BookRegistered(isbn=book.isbn))


bus = SyncMessageBus()
bus.add_listener(RegisterBook, register_book)


def main(folder: str) -> None:
    database = open_sync_database(f"sqlite:///{folder}/shelf.db")
    database.create(Base.metadata)
    shelf = Shelf(database)

    with shelf as transaction:
        bus.handle(
            RegisterBook(isbn="9780321125217", title="Domain-Driven Design"),
            transaction,
        )
        transaction.commit()

    with shelf as transaction:
        bus.handle(
            RegisterBook(isbn="9780132350884", title="Clean Code"), transaction
        )
        transaction.rollback()

    with shelf as transaction:
        print(transaction.orm.scalars(select(BookRow.title)).all())
        print(
            [
                envelope["payload"]
                for _, envelope in transaction.journal.published()
            ]
        )
        transaction.rollback()
    database.close()


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        main(folder)
