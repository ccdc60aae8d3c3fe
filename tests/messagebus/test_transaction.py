"""A transaction is decided once; its unit of work runs one at a time."""

from typing import Any

import pytest

from messagebus import TransactionError, TransactionStatus
from tests.messagebus.conftest import Listen
from tests.messagebus.fakes import Register, Script, Stream, Uow, register
from tests.messagebus.variants import Bus, Variant, carry_out


async def test_the_status_follows_the_transaction(variant: Variant, uow: Uow) -> None:
    seen = [uow.status]
    async with variant.enter(uow) as transaction:
        seen += [transaction.status, uow.status]
        await variant.run(transaction.commit())
        seen += [transaction.status, uow.status]
    seen += [transaction.status, uow.status]
    names = ["closed", "running", "running", "committed", "committed", "closed", "closed"]
    assert [status.value for status in seen] == names


async def test_a_rolled_back_transaction_says_so_until_the_block_ends(
    variant: Variant, uow: Uow
) -> None:
    async with variant.enter(uow) as transaction:
        await variant.run(transaction.rollback())
        assert transaction.status is TransactionStatus.rolledback
    assert uow.status is TransactionStatus.closed


def test_the_statuses_are_these() -> None:
    names = ["running", "committed", "rolledback", "streaming", "closed"]
    assert [status.value for status in TransactionStatus] == names


async def test_a_block_left_without_a_decision_is_rolled_back_and_refused(
    variant: Variant, uow: Uow, script: Script
) -> None:
    with pytest.raises(TransactionError, match=r"Uow: .* without commit or rollback"):
        async with variant.enter(uow):
            pass
    assert script.calls == ["rollback"]


@pytest.mark.parametrize("first", ["commit", "rollback"])
@pytest.mark.parametrize("second", ["commit", "rollback"])
async def test_a_transaction_is_decided_once(
    variant: Variant, uow: Uow, script: Script, first: str, second: str
) -> None:
    async with variant.enter(uow) as transaction:
        await variant.run(getattr(transaction, first)())
        with pytest.raises(TransactionError, match=f"{second} on a transaction that is"):
            await variant.run(getattr(transaction, second)())
    assert script.calls == [first]


@pytest.mark.parametrize("decision", ["commit", "rollback"])
async def test_a_decided_transaction_handles_nothing(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen, decision: str
) -> None:
    on(Register)(register)
    async with variant.enter(uow) as transaction:
        await variant.run(getattr(transaction, decision)())
        with pytest.raises(TransactionError, match="handle on a transaction that is"):
            await variant.run(bus.handle(Register(title="Emma"), transaction))
    assert not uow.books.rows


@pytest.mark.parametrize("step", ["commit", "rollback", "detach"])
async def test_a_transaction_that_is_over_stays_over(variant: Variant, uow: Uow, step: str) -> None:
    async with variant.enter(uow) as transaction:
        await variant.run(transaction.commit())
    with pytest.raises(TransactionError, match=step):
        await variant.run(getattr(transaction, step)())
    async with variant.enter(uow) as newer:
        with pytest.raises(TransactionError, match=step):
            await variant.run(getattr(transaction, step)())
        await variant.run(newer.commit())


async def test_a_unit_of_work_that_was_not_entered_handles_nothing(
    variant: Variant, bus: Bus, uow: Uow, on: Listen
) -> None:
    on(Register)(register)
    never_entered: Any = uow
    with pytest.raises(TransactionError, match="enter the unit of work"):
        await variant.run(bus.handle(Register(title="Emma"), never_entered))


async def test_a_unit_of_work_that_was_not_entered_can_be_neither_detached_nor_closed(
    variant: Variant, uow: Uow
) -> None:
    with pytest.raises(TransactionError, match="closed"):
        uow.detach()
    with pytest.raises(TransactionError, match="closed"):
        await variant.run(uow.close())


async def test_nested_entering_is_refused_and_the_outer_transaction_goes_on(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream, on: Listen
) -> None:
    on(Register)(register)
    async with variant.enter(uow) as transaction:
        await variant.run(bus.handle(Register(title="Emma"), transaction))
        with pytest.raises(TransactionError, match=r"already in a transaction \(running\)"):
            async with variant.enter(uow):
                pass
        assert transaction.status is TransactionStatus.running
        await variant.run(transaction.commit())
    assert stream.titles == ["Emma"]


async def test_a_unit_of_work_can_be_entered_again_and_again(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream, on: Listen
) -> None:
    on(Register)(register)
    for title in ("Emma", "Persuasion", "Sanditon"):
        await carry_out(variant, bus, uow, Register(title=title))
    assert stream.titles == ["Emma", "Persuasion", "Sanditon"]


async def test_the_transaction_has_what_the_unit_of_work_has(variant: Variant, uow: Uow) -> None:
    async with variant.enter(uow) as transaction:
        assert transaction.books is uow.books
        assert transaction.eventstore is uow.eventstore
        await variant.run(transaction.rollback())


@pytest.mark.parametrize(
    "name", ["store", "end", "drop", "leave", "awaits", "steps", "_close", "_discard", "_plan"]
)
async def test_no_name_of_the_application_is_taken_by_the_transaction(
    variant: Variant, uow: Uow, name: str
) -> None:
    setattr(uow, name, "the application's own")
    async with variant.enter(uow) as transaction:
        assert getattr(transaction, name) == "the application's own"
        await variant.run(transaction.rollback())


async def test_what_is_set_on_the_transaction_is_set_on_the_unit_of_work(
    variant: Variant, uow: Uow
) -> None:
    async with variant.enter(uow) as transaction:
        transaction.tenant = "club"
        await variant.run(transaction.rollback())
    assert vars(uow)["tenant"] == "club"


async def test_an_attribute_that_neither_has_is_an_attribute_error(
    variant: Variant, uow: Uow
) -> None:
    async with variant.enter(uow) as transaction:
        with pytest.raises(AttributeError, match="shelves"):
            _ = transaction.shelves
        await variant.run(transaction.rollback())
