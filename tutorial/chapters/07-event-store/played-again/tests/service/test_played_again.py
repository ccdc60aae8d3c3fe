from collections.abc import Sequence

from messagebus import AsyncMessageBus, Command, Message
from reading_club.domain.messages import RegisterBook
from tests.conftest import EventstreamTransport
from tests.memory.eventstore import InMemoryEventstore
from tests.memory.uow import InMemoryUnitOfWork


async def played(messages: Sequence[Message], bus: AsyncMessageBus) -> InMemoryUnitOfWork:
    """A new club that was asked the same things; its stream is cut off."""
    uow = InMemoryUnitOfWork(EventstreamTransport())
    async with uow as transaction:
        for message in messages:
            if isinstance(message, Command):
                await bus.handle(message, transaction)
        await transaction.commit()
    return uow


async def test_the_same_commands_give_the_same_shelf(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork, bus: AsyncMessageBus
) -> None:
    uow.eventstore = eventstore = InMemoryEventstore()
    async with uow as transaction:
        await bus.handle(register_book_cmd, transaction)
        await transaction.commit()

    second = await played(eventstore.messages, bus)

    book = await uow.books.by_id(register_book_cmd.id)
    assert await second.books.by_id(register_book_cmd.id) == book
    assert book.is_ok()
