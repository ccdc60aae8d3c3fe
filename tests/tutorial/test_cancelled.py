import asyncio

import pytest

from messagebus import AsyncMessageBus
from reading_club.domain.messages import RegisterBook
from tests.memory.uow import InMemoryUnitOfWork
from tests.tutorial.letters import Letters


class SlowPost(Letters):
    """The first time, it waits for an answer that never comes."""

    def __init__(self) -> None:
        super().__init__()
        self.is_waiting = asyncio.Event()

    async def on_after_commit(self) -> None:
        if not self.is_waiting.is_set():
            self.is_waiting.set()
            await asyncio.Event().wait()
        await super().on_after_commit()


async def test_a_hook_that_a_cancellation_interrupts_is_run_again(
    register_book_cmd: RegisterBook, uow: InMemoryUnitOfWork, thankful_bus: AsyncMessageBus
) -> None:
    post = SlowPost()

    async def register() -> None:
        async with uow as transaction:
            await thankful_bus.handle(register_book_cmd, transaction, letters=post)
            await transaction.commit()

    registering = asyncio.create_task(register())
    await post.is_waiting.wait()
    registering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await registering

    assert (await uow.books.by_id(register_book_cmd.id)).is_ok()
    assert post.sent == ["your book is on the shelf"]
