import asyncio

import pytest

from messagebus import AsyncMessageBus
from reading_club.domain.messages import RegisterBook
from tests.conftest import EventstreamTransport
from tests.memory.uow import InMemoryUnitOfWork


class SlowUnitOfWork(InMemoryUnitOfWork):
    """Its database takes its time, and longer than anybody waits."""

    def __init__(self, transport: EventstreamTransport) -> None:
        super().__init__(transport)
        self.is_committing = asyncio.Event()

    async def commit(self) -> None:
        self.is_committing.set()
        await asyncio.Event().wait()


async def test_a_cancellation_during_the_commit_rolls_back(
    register_book_cmd: RegisterBook, transport: EventstreamTransport, bus: AsyncMessageBus
) -> None:
    uow = SlowUnitOfWork(transport)

    async def register() -> None:
        async with uow as transaction:
            await bus.handle(register_book_cmd, transaction)
            await transaction.commit()

    registering = asyncio.create_task(register())
    await uow.is_committing.wait()
    registering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await registering

    assert (await uow.books.by_id(register_book_cmd.id)).is_err()
