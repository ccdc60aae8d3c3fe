from typing import TypeVar, assert_type

from messagebus import AsyncAbstractUnitOfWork, AsyncMessageBus, Command
from reading_club.domain.messages import RegisterBook
from reading_club.domain.results import BookRepositoryOperationResult
from tests.memory.uow import InMemoryUnitOfWork

T = TypeVar("T")


class AttentiveBus(AsyncMessageBus):
    """Remembers the names of the commands that it was given."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    async def handle(self, command: Command[T], transaction: AsyncAbstractUnitOfWork) -> T:
        self.heard.append(type(command).__name__)
        return await super().handle(command, transaction)


async def test_one_place_hears_every_command(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork
) -> None:
    bus = AttentiveBus()
    bus.scan("reading_club.service.handlers")

    async with uow as transaction:
        operation = await bus.handle(register_book_cmd, transaction)
        await transaction.commit()

    assert_type(operation, BookRepositoryOperationResult)
    assert bus.heard == ["RegisterBook"]
