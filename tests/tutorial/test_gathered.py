import asyncio
from collections.abc import Sequence

from lastuuid.dummies import uuidgen
from result import Ok

from messagebus import AsyncMessageBus, Message
from reading_club.domain.messages import BookRegistered, RegisterBook
from reading_club.domain.model import Book
from reading_club.domain.results import BookRepositoryOperationResult
from tests.memory.eventstore import InMemoryEventstore
from tests.memory.uow import InMemoryUnitOfWork

BOX = [
    RegisterBook(id=uuidgen(1), isbn="0-321-12521-5", title="Dune", author="Frank Herbert"),
    RegisterBook(id=uuidgen(2), isbn="9780132350884", title="Emma", author="Jane Austen"),
    RegisterBook(id=uuidgen(3), isbn="978-0-13-475759-9", title="Ubik", author="Philip K. Dick"),
]


class Chronicle(InMemoryEventstore):
    """Keeps of each book's event the book that its command named."""

    def __init__(self) -> None:
        super().__init__()
        self.causes: dict[str, str] = {}

    def caused(self, messages: Sequence[Message], by: Message) -> None:
        for each in messages:
            if isinstance(each, BookRegistered) and isinstance(by, RegisterBook):
                self.causes[each.title] = by.title


async def unpack(cmd: RegisterBook, uow: InMemoryUnitOfWork) -> BookRepositoryOperationResult:
    book = Book(id=cmd.id, isbn=cmd.isbn, title=cmd.title, author=cmd.author)
    await uow.books.add(book)
    book.messages.append(BookRegistered(**book.model_dump()))
    await asyncio.sleep(0)
    return Ok(...)


async def test_each_event_of_a_box_has_its_own_command_as_cause(uow: InMemoryUnitOfWork) -> None:
    bus = AsyncMessageBus()
    bus.add_listener(RegisterBook, unpack)
    uow.eventstore = chronicle = Chronicle()
    async with uow as transaction:
        await asyncio.gather(*(bus.handle(command, transaction) for command in BOX))
        await transaction.commit()

    assert chronicle.causes == {"Dune": "Dune", "Emma": "Emma", "Ubik": "Ubik"}
