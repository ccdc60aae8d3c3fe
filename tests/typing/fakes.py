"""An application in small: what checkers must be able to say of it."""

from abc import abstractmethod

from typing_extensions import TypeVar

from messagebus import (
    AsyncAbstractRepository,
    AsyncAbstractUnitOfWork,
    Command,
    Event,
    GenericCommand,
    GenericEvent,
    GenericModel,
    Metadata,
    Model,
    SyncAbstractRepository,
    SyncAbstractUnitOfWork,
)


class Traced(Metadata):
    team: str = "library"


class Count(Command[int]):
    title: str


class Bare(Command):
    title: str


class Quiet(Command[None]):
    title: str


class Counted(Event):
    title: str
    metadata: Metadata = Metadata(name="counted", schema_version=1)


class TracedCount(GenericCommand[Traced, str]):
    title: str


class TracedCounted(GenericEvent[Traced]):
    title: str


class Book(Model):
    title: str


class TracedBook(GenericModel[Traced]):
    title: str


class AbstractBooks(AsyncAbstractRepository[Book]):
    @abstractmethod
    async def by_title(self, title: str) -> Book: ...


class Books(AbstractBooks):
    async def by_title(self, title: str) -> Book:
        book = Book(title=title)
        self.seen.append(book)
        return book


class SyncAbstractBooks(SyncAbstractRepository[Book]):
    @abstractmethod
    def by_title(self, title: str) -> Book: ...


class SyncBooks(SyncAbstractBooks):
    def by_title(self, title: str) -> Book:
        book = Book(title=title)
        self.seen.append(book)
        return book


class AbstractUnitOfWork(AsyncAbstractUnitOfWork):
    """Without type parameters."""

    books: AbstractBooks


class UnitOfWork(AbstractUnitOfWork):
    def __init__(self) -> None:
        self.books = Books()

    async def commit(self) -> None: ...

    async def rollback(self) -> None: ...


TBooks = TypeVar("TBooks", bound=AbstractBooks, default=AbstractBooks)


class GenericUnitOfWork(AsyncAbstractUnitOfWork[TBooks]):
    """With a type parameter, which names the repositories inside."""

    books: TBooks

    async def commit(self) -> None: ...

    async def rollback(self) -> None: ...


class BooksUnitOfWork(GenericUnitOfWork[Books]):
    def __init__(self) -> None:
        self.books = Books()


class SyncUnitOfWork(SyncAbstractUnitOfWork):
    books: SyncAbstractBooks

    def __init__(self) -> None:
        self.books = SyncBooks()

    def commit(self) -> None: ...

    def rollback(self) -> None: ...
