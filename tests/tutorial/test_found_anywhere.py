from messagebus import AsyncMessageBus, MessageBusError
from reading_club.domain.messages import RegisterBook
from reading_club.domain.model import Book
from reading_club.service.uow import AbstractUnitOfWork
from tests.conftest import EventstreamTransport
from tests.memory.books import InMemoryBookRepository
from tests.memory.uow import InMemoryUnitOfWork


class SlottedUnitOfWork(InMemoryUnitOfWork):
    """Its books lie in a slot, which no dictionary of attributes knows."""

    __slots__ = ("books",)


async def test_a_repository_in_a_slot_is_found(
    register_book_cmd: RegisterBook, transport: EventstreamTransport, bus: AsyncMessageBus
) -> None:
    async with SlottedUnitOfWork(transport) as transaction:
        await bus.handle(register_book_cmd, transaction)
        await transaction.commit()

    assert [event["type"] for event in transport.events] == ["register_book_v1"]


async def test_a_repository_in_a_dictionary_is_refused(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork
) -> None:
    shelves = {"poetry": InMemoryBookRepository()}

    async def shelve(cmd: RegisterBook, _: AbstractUnitOfWork) -> None:
        book = Book(id=cmd.id, isbn=cmd.isbn, title=cmd.title, author=cmd.author)
        await shelves["poetry"].add(book)

    bus = AsyncMessageBus()
    bus.add_listener(RegisterBook, shelve)
    message = ""
    async with uow as transaction:
        try:
            await bus.handle(register_book_cmd, transaction)
        except MessageBusError as error:
            message = str(error)
        await transaction.rollback()

    assert "set the repository as an attribute of its own" in message
