"""Messages that no `handle` took before the commit are dropped with a warning that names them."""

import warnings

import pytest

from tests.messagebus.conftest import Listen
from tests.messagebus.fakes import Register, Registered, Script, Shelved, Stream, Uow, register
from tests.messagebus.variants import Bus, Variant, carry_out


async def test_messages_that_bypass_the_bus_are_dropped_with_a_warning_that_names_them(
    variant: Variant,
    bus: Bus,
    uow: Uow,
    stream: Stream,
    on: Listen,
    recwarn: pytest.WarningsRecorder,
) -> None:
    async with variant.enter(uow) as transaction:
        transaction.books.add("Emma", Registered(title="Emma"), Shelved(title="Emma"))
        await variant.run(transaction.commit())
    warning = str(recwarn.pop(RuntimeWarning).message)
    assert warning.startswith("2 message(s)")
    assert "Registered, Shelved" in warning
    assert len(recwarn) == 0
    on(Register)(register)
    await carry_out(variant, bus, uow, Register(title="Persuasion"))
    assert stream.titles == ["Persuasion"]


async def test_the_warning_points_at_the_block_that_was_left(
    variant: Variant, uow: Uow, recwarn: pytest.WarningsRecorder
) -> None:
    async with variant.enter(uow) as transaction:
        transaction.books.add("Emma", Shelved(title="Emma"))
        await variant.run(transaction.commit())
    caught = recwarn.pop(RuntimeWarning)
    assert caught.filename.endswith(("test_dropped_messages.py", "variants.py"))


async def test_a_rollback_drops_without_a_warning(variant: Variant, uow: Uow) -> None:
    async with variant.enter(uow) as transaction:
        transaction.books.add("Emma", Shelved(title="Emma"))
        await variant.run(transaction.rollback())


async def test_messages_raised_after_the_commit_are_dropped_with_a_warning(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream, recwarn: pytest.WarningsRecorder
) -> None:
    async with variant.enter(uow) as transaction:
        await variant.run(transaction.commit())
        transaction.books.add("Emma", Registered(title="Emma"))
    assert "Registered" in str(recwarn.pop(RuntimeWarning).message)
    assert stream.titles == []


async def test_messages_behind_a_handler_that_commits_are_dropped_with_a_warning(
    variant: Variant,
    bus: Bus,
    uow: Uow,
    script: Script,
    on: Listen,
    recwarn: pytest.WarningsRecorder,
) -> None:
    @on(Shelved)
    async def commit(event: Shelved, uow: Uow) -> None:
        uow.books.add(event.title, Registered(title=event.title))
        await variant.run(uow.commit())

    on(Register)(register)
    async with variant.enter(uow) as transaction:
        await variant.run(bus.handle(Shelved(title="Emma"), transaction))
    assert "Registered" in str(recwarn.pop(RuntimeWarning).message)
    assert script.calls == ["commit"]


async def test_an_error_that_was_caught_drops_the_messages_behind_it_with_a_warning(
    variant: Variant,
    bus: Bus,
    uow: Uow,
    stream: Stream,
    on: Listen,
    recwarn: pytest.WarningsRecorder,
) -> None:
    @on(Register)
    async def raise_two(cmd: Register, uow: Uow) -> None:
        uow.books.add(cmd.title, Shelved(title=cmd.title), Registered(title=cmd.title))

    @on(Shelved)
    async def fail(event: Shelved, uow: Uow) -> None:
        raise ZeroDivisionError

    async with variant.enter(uow) as transaction:
        with pytest.raises(ZeroDivisionError):
            await variant.run(bus.handle(Register(title="Emma"), transaction))
        await variant.run(transaction.commit())
    warning = str(recwarn.pop(RuntimeWarning).message)
    assert warning.startswith("2 message(s)")
    assert "Registered, Shelved" in warning
    assert stream.titles == []


async def test_a_command_whose_handler_raised_is_named_where_the_block_commits_all_the_same(
    variant: Variant, bus: Bus, uow: Uow, on: Listen, recwarn: pytest.WarningsRecorder
) -> None:
    @on(Register)
    async def fail(cmd: Register, uow: Uow) -> None:
        raise ZeroDivisionError

    async with variant.enter(uow) as transaction:
        with pytest.raises(ZeroDivisionError):
            await variant.run(bus.handle(Register(title="Emma"), transaction))
        await variant.run(transaction.commit())
    assert "handlers: Register;" in str(recwarn.pop(RuntimeWarning).message)


async def test_a_warning_made_an_error_does_not_keep_the_unit_of_work_from_going_on(
    variant: Variant, bus: Bus, uow: Uow, stream: Stream, on: Listen
) -> None:
    on(Register)(register)
    with warnings.catch_warnings(), pytest.raises(RuntimeWarning):
        warnings.simplefilter("error")
        async with variant.enter(uow) as transaction:
            transaction.books.add("Emma", Shelved(title="Emma"))
            await variant.run(transaction.commit())
    await carry_out(variant, bus, uow, Register(title="Persuasion"))
    assert stream.titles == ["Persuasion"]
