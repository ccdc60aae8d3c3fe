"""A detached transaction outlives its block, for a streaming response, until it is closed."""

import pytest

from messagebus import TransactionError, TransactionStatus
from tests.messagebus.conftest import Listen
from tests.messagebus.fakes import Register, Script, Stream, Uow, register
from tests.messagebus.variants import Bus, Variant, carry_out


async def test_a_detached_transaction_streams_handles_and_commits_after_its_block(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream, on: Listen
) -> None:
    on(Register)(register)
    async with variant.enter(uow) as transaction:
        transaction.detach()
    assert transaction.status is TransactionStatus.streaming
    await variant.run(bus.handle(Register(title="Emma"), transaction))
    await variant.run(transaction.commit())
    await variant.run(transaction.close())
    assert stream.titles == ["Emma"]
    assert uow.status is TransactionStatus.closed


async def test_a_detached_transaction_that_is_closed_undecided_is_rolled_back(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    on(Register)(register)
    async with variant.enter(uow) as transaction:
        transaction.detach()
    await variant.run(bus.handle(Register(title="Emma"), transaction))
    await variant.run(transaction.close())
    assert script.calls == ["rollback"]
    await carry_out(variant, bus, uow, Register(title="Persuasion"))
    assert script.calls[1:] == ["commit", "send Persuasion"]


async def test_close_may_be_called_twice(variant: Variant, uow: Uow, script: Script) -> None:
    async with variant.enter(uow) as transaction:
        transaction.detach()
    await variant.run(transaction.close())
    await variant.run(transaction.close())
    assert script.calls == ["rollback"]


async def test_closing_an_older_transaction_again_leaves_the_newer_one_alone(
    variant: Variant, uow: Uow
) -> None:
    async with variant.enter(uow) as older:
        older.detach()
    await variant.run(older.close())
    async with variant.enter(uow) as newer:
        await variant.run(older.close())
        assert newer.status is uow.status is TransactionStatus.running
        with pytest.raises(TransactionError, match="already in a transaction"):
            async with variant.enter(uow):
                pass
        await variant.run(newer.commit())


async def test_closing_an_older_transaction_again_takes_no_message_of_the_newer_one(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream, on: Listen
) -> None:
    async def close_the_older(cmd: Register, uow: Uow) -> None:
        await register(cmd, uow)
        await variant.run(older.close())

    async with variant.enter(uow) as older:
        older.detach()
    await variant.run(older.close())
    on(Register)(close_the_older)
    await carry_out(variant, bus, uow, Register(title="Emma"), Register(title="Persuasion"))
    assert stream.titles == ["Emma", "Persuasion"]


async def test_a_block_that_closed_its_transaction_ends_no_other(
    variant: Variant, uow: Uow, script: Script
) -> None:
    async with variant.enter(uow) as transaction:
        transaction.detach()
        await variant.run(transaction.close())
        with pytest.raises(TransactionError, match="already in a transaction"):
            async with variant.enter(uow):
                pass
    assert script.calls == ["rollback"]
    async with variant.enter(uow) as newer:
        await variant.run(newer.commit())


async def test_a_detached_unit_of_work_is_taken_until_it_is_closed(
    variant: Variant, uow: Uow
) -> None:
    async with variant.enter(uow) as transaction:
        transaction.detach()
    with pytest.raises(TransactionError, match="streaming"):
        async with variant.enter(uow):
            pass
    assert transaction.status is TransactionStatus.streaming
    await variant.run(transaction.close())


async def test_an_exception_in_the_block_after_detach_rolls_back_and_closes(
    variant: Variant, uow: Uow, script: Script
) -> None:
    with pytest.raises(ZeroDivisionError):
        async with variant.enter(uow) as transaction:
            transaction.detach()
            raise ZeroDivisionError
    assert script.calls == ["rollback"]
    assert uow.status is TransactionStatus.closed
    async with variant.enter(uow) as newer:
        await variant.run(newer.commit())


@pytest.mark.parametrize("decision", ["commit", "rollback"])
async def test_a_decided_transaction_cannot_be_detached(
    variant: Variant, uow: Uow, decision: str
) -> None:
    async with variant.enter(uow) as transaction:
        await variant.run(getattr(transaction, decision)())
        with pytest.raises(TransactionError, match="detach"):
            transaction.detach()


async def test_detach_is_called_once(variant: Variant, uow: Uow) -> None:
    async with variant.enter(uow) as transaction:
        transaction.detach()
        with pytest.raises(TransactionError, match="once is enough"):
            transaction.detach()
    await variant.run(transaction.close())


async def test_a_closed_transaction_handles_and_commits_nothing(
    variant: Variant, bus: Bus, uow: Uow, on: Listen
) -> None:
    on(Register)(register)
    async with variant.enter(uow) as transaction:
        transaction.detach()
    await variant.run(transaction.close())
    with pytest.raises(TransactionError, match="handle on a transaction that is closed"):
        await variant.run(bus.handle(Register(title="Emma"), transaction))
    with pytest.raises(TransactionError, match="commit on a transaction that is closed"):
        await variant.run(transaction.commit())


async def test_a_transaction_rolled_back_while_it_streams_is_not_rolled_back_again(
    variant: Variant, uow: Uow, script: Script
) -> None:
    async with variant.enter(uow) as transaction:
        transaction.detach()
    await variant.run(transaction.rollback())
    await variant.run(transaction.close())
    assert script.calls == ["rollback"]


async def test_an_error_at_the_close_is_raised_and_the_transaction_is_closed(
    variant: Variant, uow: Uow, script: Script
) -> None:
    script.failing["rollback"] = OSError("connection lost")
    async with variant.enter(uow) as transaction:
        transaction.detach()
    with pytest.raises(OSError, match="connection lost"):
        await variant.run(transaction.close())
    assert transaction.status is TransactionStatus.closed
    await variant.run(transaction.close())
