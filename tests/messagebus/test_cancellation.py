"""What a cancellation may interrupt, and what is made up for when the block is left."""

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from messagebus import AsyncMessageBus, TransactionError
from tests.messagebus.fakes import (
    AsyncMailer,
    AsyncStream,
    AsyncUow,
    Register,
    Registered,
    Script,
    register,
)


class SlowStream(AsyncStream):
    """Waits for ever the first time that it is given this title."""

    slow: str | None = None

    async def send_message_serialized(self, message: Mapping[str, Any]) -> None:
        if self.slow and self.slow in message["payload"]:
            self.slow = None
            await asyncio.Event().wait()
        await super().send_message_serialized(message)


class SlowMailer(AsyncMailer):
    """Waits for ever the first time."""

    slow = True

    async def on_after_commit(self) -> None:
        if self.slow:
            self.slow = False
            await asyncio.Event().wait()
        await super().on_after_commit()


class SlowUow(AsyncUow):
    async def commit(self) -> None:
        await asyncio.Event().wait()


@pytest.fixture
def stream(script: Script) -> SlowStream:
    return SlowStream(script)


@pytest.fixture
def uow(stream: SlowStream) -> AsyncUow:
    return AsyncUow(stream)


@pytest.fixture
def bus() -> AsyncMessageBus:
    bus = AsyncMessageBus()
    bus.add_listener(Register, register)
    return bus


async def carry_out(bus: AsyncMessageBus, uow: AsyncUow, *titles: str) -> None:
    async with uow as transaction:
        for title in titles:
            await bus.handle(Register(title=title), transaction)
        await transaction.commit()


async def cancelled(*, at: asyncio.Task[None]) -> None:
    """Let the task come to where it waits, cancel it there, and see it end as cancelled."""
    for _ in range(5):
        await asyncio.sleep(0)
    at.cancel()
    with pytest.raises(asyncio.CancelledError):
        await at


async def test_a_cancelled_publication_is_made_up_when_the_block_is_left(
    bus: AsyncMessageBus, uow: AsyncUow, stream: SlowStream, script: Script
) -> None:
    stream.slow = "Persuasion"
    await cancelled(at=asyncio.create_task(carry_out(bus, uow, "Emma", "Persuasion", "Sanditon")))
    assert script.calls == ["commit", "send Emma", "send Persuasion", "send Sanditon"]


async def test_cancelled_hooks_are_made_up_when_the_block_is_left(
    bus: AsyncMessageBus, uow: AsyncUow, script: Script
) -> None:
    async def mail(cmd: Register, uow: AsyncUow, first: object, second: object) -> None: ...

    async def work() -> None:
        first, second = SlowMailer(script, "first"), AsyncMailer(script, "second")
        async with uow as transaction:
            command = Register(title="Emma")
            await bus.handle(command, transaction, first=first, second=second)
            await transaction.commit()

    bus.remove_listener(Register, register)
    bus.add_listener(Register, mail)
    await cancelled(at=asyncio.create_task(work()))
    assert script.calls == ["commit", "first after commit", "second after commit"]


async def test_a_timeout_during_the_publication_is_made_up_too(
    bus: AsyncMessageBus, uow: AsyncUow, stream: SlowStream
) -> None:
    stream.slow = "Emma"
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await carry_out(bus, uow, "Emma")
    assert stream.titles == ["Emma"]


async def test_a_commit_cancelled_before_it_was_done_is_rolled_back(
    bus: AsyncMessageBus, stream: SlowStream, script: Script
) -> None:
    uow = SlowUow(stream)
    await cancelled(at=asyncio.create_task(carry_out(bus, uow, "Emma")))
    assert script.calls == ["rollback"]
    assert stream.titles == []


async def test_a_cancelled_handler_is_rolled_back(
    bus: AsyncMessageBus, uow: AsyncUow, stream: SlowStream, script: Script
) -> None:
    async def wait(event: Registered, uow: AsyncUow) -> None:
        await asyncio.Event().wait()

    bus.add_listener(Registered, wait)
    await cancelled(at=asyncio.create_task(carry_out(bus, uow, "Emma")))
    assert script.calls == ["rollback"]
    bus.remove_listener(Registered, wait)
    await carry_out(bus, uow, "Persuasion")
    assert stream.titles == ["Persuasion"]


async def test_another_task_cannot_enter_and_the_first_one_goes_on_unharmed(
    bus: AsyncMessageBus, uow: AsyncUow, stream: SlowStream
) -> None:
    async with uow as transaction:
        await bus.handle(Register(title="Emma"), transaction)
        with pytest.raises(TransactionError, match="one at a time"):
            await asyncio.create_task(carry_out(bus, uow, "Persuasion"))
        await transaction.commit()
    assert stream.titles == ["Emma"]


async def test_a_task_that_lets_go_early_does_not_end_another_task_s_transaction(
    bus: AsyncMessageBus, uow: AsyncUow, stream: SlowStream
) -> None:
    let_go, entered, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def early() -> None:
        async with uow as transaction:
            transaction.detach()
            await transaction.close()
            let_go.set()
            await entered.wait()
        done.set()

    async def late() -> None:
        await let_go.wait()
        try:
            transaction = await uow.__aenter__()
        except TransactionError:
            entered.set()
            return
        entered.set()
        await done.wait()
        await bus.handle(Register(title="Emma"), transaction)
        await transaction.commit()
        await uow.__aexit__(None, None, None)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(early())
        tasks.create_task(late())
    await carry_out(bus, uow, "Persuasion")
    assert stream.titles[-1] == "Persuasion"


async def test_a_cancelled_close_can_be_called_again(
    bus: AsyncMessageBus, uow: AsyncUow, stream: SlowStream
) -> None:
    stream.slow = "Emma"
    async with uow as transaction:
        transaction.detach()
    await bus.handle(Register(title="Emma"), transaction)
    await cancelled(at=asyncio.create_task(transaction.commit()))
    await transaction.close()
    assert stream.titles == ["Emma"]
