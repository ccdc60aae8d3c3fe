"""What was rolled back is never published, never handled, and leaves nothing behind."""

import pytest

from messagebus import TransactionError
from tests.messagebus.conftest import Listen
from tests.messagebus.fakes import Register, Registered, Script, Shelved, Stream, Uow, register
from tests.messagebus.variants import Bus, Variant, carry_out


async def test_messages_rolled_back_by_the_block_are_never_published(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream, on: Listen
) -> None:
    on(Register)(register)
    async with variant.enter(uow) as transaction:
        await variant.run(bus.handle(Register(title="Emma"), transaction))
        await variant.run(transaction.rollback())
    await carry_out(variant, bus, uow, Register(title="Persuasion"))
    assert stream.titles == ["Persuasion"]


@pytest.mark.parametrize("error", [ZeroDivisionError(), KeyboardInterrupt(), SystemExit(3)])
async def test_messages_rolled_back_by_an_exception_are_never_published(
    variant: Variant,
    bus: Bus,
    uow: Uow,
    stream: Stream,
    script: Script,
    on: Listen,
    error: BaseException,
) -> None:
    on(Register)(register)
    with pytest.raises(type(error)):
        async with variant.enter(uow) as transaction:
            await variant.run(bus.handle(Register(title="Emma"), transaction))
            raise error
    assert script.calls == ["rollback"]
    await carry_out(variant, bus, uow, Register(title="Persuasion"))
    assert stream.titles == ["Persuasion"]


@pytest.mark.parametrize("error", [ZeroDivisionError(), KeyboardInterrupt(), SystemExit(3)])
async def test_an_exception_of_a_handler_passes_as_it_is_and_rolls_back(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen, error: BaseException
) -> None:
    @on(Register)
    async def fail(cmd: Register, uow: Uow) -> None:
        raise error

    with pytest.raises(type(error)) as caught:
        await carry_out(variant, bus, uow, Register(title="Emma"))
    assert caught.value is error
    assert script.calls == ["rollback"]


async def test_messages_of_models_that_were_rolled_back_are_never_handled(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    @on(Shelved)
    async def see(event: Shelved, uow: Uow) -> None:
        script.play(f"saw {event.title}")

    async with variant.enter(uow) as transaction:
        book = transaction.books.add("Emma", Shelved(title="Emma"))
        await variant.run(transaction.rollback())
    assert book.messages == []
    async with variant.enter(uow) as transaction:
        assert transaction.books.load("Emma") is book
        await variant.run(bus.handle(Shelved(title="Persuasion"), transaction))
        await variant.run(transaction.commit())
    assert script.calls == ["rollback", "saw Persuasion", "commit"]


async def test_a_handler_that_fails_takes_the_messages_of_its_models_along(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream, on: Listen
) -> None:
    @on(Register)
    async def fail(cmd: Register, uow: Uow) -> None:
        book = uow.books.rows.get(cmd.title)
        if book is None:
            uow.books.add(cmd.title, Registered(title=cmd.title))
            raise ZeroDivisionError
        uow.books.load(cmd.title)

    with pytest.raises(ZeroDivisionError):
        await carry_out(variant, bus, uow, Register(title="Emma"))
    await carry_out(variant, bus, uow, Register(title="Emma"))
    assert stream.titles == []


async def test_each_transaction_starts_with_an_empty_seen(
    variant: Variant, bus: Bus, uow: Uow, on: Listen
) -> None:
    on(Register)(register)
    await carry_out(variant, bus, uow, Register(title="Emma"))
    async with variant.enter(uow) as transaction:
        assert transaction.books.seen == []
        transaction.books.load("Emma")
        await variant.run(transaction.rollback())
    async with variant.enter(uow) as transaction:
        assert transaction.books.seen == []
        await variant.run(transaction.rollback())


async def test_units_of_work_share_nothing(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream, on: Listen
) -> None:
    on(Register)(register)
    other = variant.make_uow(stream)
    async with variant.enter(uow) as transaction, variant.enter(other) as other_transaction:
        await variant.run(bus.handle(Register(title="Emma"), transaction))
        await variant.run(bus.handle(Register(title="Persuasion"), other_transaction))
        await variant.run(transaction.rollback())
        await variant.run(other_transaction.commit())
    assert stream.titles == ["Persuasion"]


async def test_two_units_of_work_at_once_cannot_share_an_event_store(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream
) -> None:
    other = variant.make_uow(stream)
    vars(other)["eventstore"] = uow.eventstore
    async with variant.enter(uow) as transaction:
        with pytest.raises(TransactionError, match="event store of its own"):
            async with variant.enter(other):
                pass
        await variant.run(bus.handle(Registered(title="Emma"), transaction))
        await variant.run(transaction.commit())
    assert stream.titles == ["Emma"]
    await carry_out(variant, bus, other, Registered(title="Persuasion"))
    assert stream.titles == ["Emma", "Persuasion"]


async def test_a_rollback_that_fails_is_raised(variant: Variant, uow: Uow, script: Script) -> None:
    script.failing["rollback"] = OSError("connection lost")
    with pytest.raises(OSError, match="connection lost"):
        async with variant.enter(uow) as transaction:
            await variant.run(transaction.rollback())
    assert script.calls == ["rollback"]


async def test_a_rollback_that_fails_during_an_exception_is_a_note_on_it(
    variant: Variant, uow: Uow, script: Script
) -> None:
    script.failing["rollback"] = OSError("connection lost")
    with pytest.raises(ZeroDivisionError) as caught:
        async with variant.enter(uow):
            raise ZeroDivisionError
    assert any("connection lost" in note for note in caught.value.__notes__)


async def test_a_unit_of_work_whose_rollback_failed_can_be_entered_again(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream, script: Script, on: Listen
) -> None:
    on(Register)(register)
    script.failing["rollback"] = OSError("connection lost")
    with pytest.raises(OSError, match="connection lost"):
        async with variant.enter(uow) as transaction:
            await variant.run(bus.handle(Register(title="Emma"), transaction))
            await variant.run(transaction.rollback())
    await carry_out(variant, bus, uow, Register(title="Persuasion"))
    assert stream.titles == ["Persuasion"]
