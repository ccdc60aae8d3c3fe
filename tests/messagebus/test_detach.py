"""A detached transaction outlives its block, for a streaming response, until it is closed."""

import pytest

from messagebus import TransactionError, TransactionStatus
from tests.messagebus.conftest import Listen
from tests.messagebus.doors import Bus, Door, carry_out
from tests.messagebus.fakes import Register, Script, Stream, Uow, register


async def test_a_detached_transaction_streams_handles_and_commits_after_its_block(
    door: Door, bus: Bus, uow: Uow, stream: Stream, on: Listen
) -> None:
    on(Register)(register)
    async with door.enter(uow) as transaction:
        transaction.detach()
    assert transaction.status is TransactionStatus.streaming
    await door.run(bus.handle(Register(title="Emma"), transaction))
    await door.run(transaction.commit())
    await door.run(transaction.close())
    assert stream.titles == ["Emma"]
    assert uow.status is TransactionStatus.closed


async def test_a_detached_transaction_that_is_closed_undecided_is_rolled_back(
    door: Door, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    on(Register)(register)
    async with door.enter(uow) as transaction:
        transaction.detach()
    await door.run(bus.handle(Register(title="Emma"), transaction))
    await door.run(transaction.close())
    assert script.steps == ["rollback"]
    await carry_out(door, bus, uow, Register(title="Persuasion"))
    assert script.steps[1:] == ["commit", "send Persuasion"]


async def test_close_may_be_called_twice(door: Door, uow: Uow, script: Script) -> None:
    async with door.enter(uow) as transaction:
        transaction.detach()
    await door.run(transaction.close())
    await door.run(transaction.close())
    assert script.steps == ["rollback"]


async def test_closing_an_older_transaction_again_leaves_the_newer_one_alone(
    door: Door, uow: Uow
) -> None:
    async with door.enter(uow) as older:
        older.detach()
    await door.run(older.close())
    async with door.enter(uow) as newer:
        await door.run(older.close())
        assert newer.status is TransactionStatus.running
        await door.run(newer.commit())


async def test_a_block_that_closed_its_transaction_ends_no_other(
    door: Door, uow: Uow, script: Script
) -> None:
    async with door.enter(uow) as transaction:
        transaction.detach()
        await door.run(transaction.close())
        with pytest.raises(TransactionError, match="already in a transaction"):
            async with door.enter(uow):
                pass
    assert script.steps == ["rollback"]
    async with door.enter(uow) as newer:
        await door.run(newer.commit())


async def test_a_detached_unit_of_work_is_taken_until_it_is_closed(door: Door, uow: Uow) -> None:
    async with door.enter(uow) as transaction:
        transaction.detach()
    with pytest.raises(TransactionError, match="streaming"):
        async with door.enter(uow):
            pass
    assert transaction.status is TransactionStatus.streaming
    await door.run(transaction.close())


async def test_an_exception_in_the_block_after_detach_rolls_back_and_closes(
    door: Door, uow: Uow, script: Script
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with door.enter(uow) as transaction:
            transaction.detach()
            raise ZeroDivisionError
    assert script.steps == ["rollback"]
    assert uow.status is TransactionStatus.closed
    async with door.enter(uow) as newer:
        await door.run(newer.commit())


@pytest.mark.parametrize("decision", ["commit", "rollback"])
async def test_a_decided_transaction_cannot_be_detached(
    door: Door, uow: Uow, decision: str
) -> None:
    async with door.enter(uow) as transaction:
        await door.run(getattr(transaction, decision)())
        with pytest.raises(TransactionError, match="detach"):
            transaction.detach()


async def test_detach_is_called_once(door: Door, uow: Uow) -> None:
    async with door.enter(uow) as transaction:
        transaction.detach()
        with pytest.raises(TransactionError, match="once is enough"):
            transaction.detach()
    await door.run(transaction.close())


async def test_a_closed_transaction_handles_and_commits_nothing(
    door: Door, bus: Bus, uow: Uow, on: Listen
) -> None:
    on(Register)(register)
    async with door.enter(uow) as transaction:
        transaction.detach()
    await door.run(transaction.close())
    with pytest.raises(TransactionError, match="handle on a transaction that is closed"):
        await door.run(bus.handle(Register(title="Emma"), transaction))
    with pytest.raises(TransactionError, match="commit on a transaction that is closed"):
        await door.run(transaction.commit())


async def test_a_transaction_rolled_back_while_it_streams_is_not_rolled_back_again(
    door: Door, uow: Uow, script: Script
) -> None:
    async with door.enter(uow) as transaction:
        transaction.detach()
    await door.run(transaction.rollback())
    await door.run(transaction.close())
    assert script.steps == ["rollback"]


async def test_an_error_at_the_close_is_raised_and_the_transaction_is_closed(
    door: Door, uow: Uow, script: Script
) -> None:
    script.failing["rollback"] = OSError("connection lost")
    async with door.enter(uow) as transaction:
        transaction.detach()
    with pytest.raises(OSError, match="connection lost"):
        await door.run(transaction.close())
    assert transaction.status is TransactionStatus.closed
    await door.run(transaction.close())
