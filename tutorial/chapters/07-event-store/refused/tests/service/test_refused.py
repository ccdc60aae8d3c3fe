from collections.abc import Sequence

from lastuuid.dummies import uuidgen

from messagebus import AsyncMessageBus, Message
from reading_club.domain.messages import BookRegistered, RegisterBook
from tests.memory.eventstore import InMemoryEventstore
from tests.memory.uow import InMemoryUnitOfWork


def refused(messages: Sequence[Message]) -> list[RegisterBook]:
    """The registrations that no event answers."""
    registered = {message.id for message in messages if isinstance(message, BookRegistered)}
    commands = [message for message in messages if isinstance(message, RegisterBook)]
    return [command for command in commands if command.id not in registered]


async def test_the_store_says_which_registrations_came_to_nothing(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork, bus: AsyncMessageBus
) -> None:
    uow.eventstore = eventstore = InMemoryEventstore()
    again = register_book_cmd.model_copy(update={"id": uuidgen(2)})
    async with uow as transaction:
        await bus.handle(register_book_cmd, transaction)
        await bus.handle(again, transaction)
        await transaction.commit()

    assert refused(eventstore.messages) == [again]
