from collections.abc import Sequence

from messagebus import AsyncMessageBus, Message
from reading_club.domain.messages import BookRegistered, RegisterBook
from tests.memory.eventstore import InMemoryEventstore
from tests.memory.uow import InMemoryUnitOfWork


class Chronicle(InMemoryEventstore):
    """Keeps what came of what, too."""

    def __init__(self) -> None:
        super().__init__()
        self.because: list[tuple[type, type]] = []

    def caused(self, messages: Sequence[Message], by: Message) -> None:
        self.because += [(type(each), type(by)) for each in messages]


async def test_a_store_can_keep_what_came_of_what(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork, bus: AsyncMessageBus
) -> None:
    uow.eventstore = chronicle = Chronicle()
    async with uow as transaction:
        await bus.handle(register_book_cmd, transaction)
        await transaction.commit()

    assert chronicle.because == [(BookRegistered, RegisterBook)]
