from messagebus import (
    Message,
    SyncAbstractEventstoreRepository,
    SyncSinkholeEventstreamTransport,
)
from reading_club.domain.messages import BookRegistered, RegisterBook
from tests.tutorial.library import LibraryUnitOfWork, library_bus


class Notebook(SyncAbstractEventstoreRepository):
    """Keeps every message in a list, in the order in which they were handled."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[Message] = []

    def _add(self, message: Message) -> None:
        self.messages.append(message)


def test_a_store_may_block(register_book_cmd: RegisterBook) -> None:
    uow = LibraryUnitOfWork(SyncSinkholeEventstreamTransport())
    notebook = Notebook()
    uow.eventstore = notebook
    with uow as transaction:
        library_bus().handle(register_book_cmd, transaction)
        transaction.commit()

    assert [type(message) for message in notebook.messages] == [RegisterBook, BookRegistered]
