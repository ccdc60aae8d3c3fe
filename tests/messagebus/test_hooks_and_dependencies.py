"""Handlers ask for dependencies by name; dependencies hear how the transaction ended."""

from typing import Any

import pytest

from messagebus import (
    ConfigurationError,
    MissingDependencyError,
    PublicationError,
    TransactionStatus,
)
from tests.messagebus.conftest import Listen
from tests.messagebus.fakes import Register, Registered, Script, Shelved, Uow
from tests.messagebus.variants import Bus, Variant, carry_out


async def ask_for_mailer(cmd: Register, uow: Uow, mailer: object) -> object:
    uow.books.add(cmd.title, Shelved(title=cmd.title))
    return mailer


async def ask_again(event: Shelved, uow: Uow, mailer: object) -> None:
    pass


async def test_an_instance_given_to_handle_is_used_as_it_is(
    variant: Variant, bus: Bus, uow: Uow, on: Listen
) -> None:
    on(Register)(ask_for_mailer)
    mailer = object()
    async with variant.enter(uow) as transaction:
        result = await variant.run(bus.handle(Register(title="Emma"), transaction, mailer=mailer))
        await variant.run(transaction.commit())
    assert result is mailer


async def test_a_class_or_factory_is_called_once_per_transaction_when_first_asked_for(
    variant: Variant, uow: Uow, script: Script
) -> None:
    made: list[object] = []

    def make() -> object:
        made.append(variant.make_mailer(script))
        return made[-1]

    bus = variant.make_bus(mailer=make)
    bus.add_listener(Register, variant.handler(ask_for_mailer))
    bus.add_listener(Shelved, variant.handler(ask_again))
    async with variant.enter(uow) as transaction:
        assert made == []
        first = await variant.run(bus.handle(Register(title="Emma"), transaction))
        second = await variant.run(bus.handle(Register(title="Persuasion"), transaction))
        await variant.run(transaction.commit())
    assert made == [first]
    assert second is first
    assert await carry_out(variant, bus, uow, Register(title="Sanditon")) is made[1]
    assert len(made) == 2


async def test_a_class_is_its_own_factory(variant: Variant, uow: Uow) -> None:
    bus = variant.make_bus(mailer=Script)
    bus.add_listener(Register, variant.handler(ask_for_mailer))
    assert isinstance(await carry_out(variant, bus, uow, Register(title="Emma")), Script)


async def test_a_dependency_given_to_handle_goes_before_the_bus_s_own(
    variant: Variant, uow: Uow
) -> None:
    bus = variant.make_bus(mailer=Script)
    bus.add_listener(Register, variant.handler(ask_for_mailer))
    async with variant.enter(uow) as transaction:
        result = await variant.run(bus.handle(Register(title="Emma"), transaction, mailer="mine"))
        await variant.run(transaction.commit())
    assert result == "mine"


def test_an_instance_is_no_dependency_of_the_bus(variant: Variant, script: Script) -> None:
    instance: Any = variant.make_mailer(script)
    with pytest.raises(ConfigurationError, match=r"mailer=.*give an instance to `handle`"):
        variant.make_bus(mailer=instance)


async def test_a_parameter_with_a_default_is_optional(
    variant: Variant, bus: Bus, uow: Uow, on: Listen
) -> None:
    @on(Register)
    async def maybe(cmd: Register, uow: Uow, mailer: str = "none", *, copy: str = "no") -> str:
        return f"{mailer}, {copy}"

    assert await carry_out(variant, bus, uow, Register(title="Emma")) == "none, no"
    async with variant.enter(uow) as transaction:
        command = Register(title="Emma")
        assert await variant.run(bus.handle(command, transaction, copy="yes")) == "none, yes"
        await variant.run(transaction.commit())


async def test_a_missing_dependency_is_named_before_any_handler_of_that_message_runs(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    @on(Shelved)
    async def first(event: Shelved, uow: Uow) -> None:
        script.play("first")

    on(Shelved)(ask_again)
    with pytest.raises(MissingDependencyError, match=r"ask_again asks for 'mailer'.*mailer=…"):
        await carry_out(variant, bus, uow, Shelved(title="Emma"))
    assert script.calls == ["rollback"]


async def test_hooks_run_once_per_transaction_however_often_handle_was_called(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    on(Register)(ask_for_mailer)
    on(Shelved)(ask_again)
    mailer = variant.make_mailer(script)
    async with variant.enter(uow) as transaction:
        for title in ("Emma", "Persuasion"):
            await variant.run(bus.handle(Register(title=title), transaction, mailer=mailer))
        await variant.run(transaction.commit())
    assert script.calls == ["commit", "mailer after commit"]


async def test_equal_dependencies_are_still_two(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    class Letterbox(list[str]):
        def __init__(self, name: str) -> None:
            super().__init__()
            self.on_after_commit = variant.make_mailer(script, name).on_after_commit

    @on(Register)
    async def ask(cmd: Register, uow: Uow, one: object, two: object) -> None: ...

    async with variant.enter(uow) as transaction:
        letterboxes = {"one": Letterbox("one"), "two": Letterbox("two")}
        await variant.run(bus.handle(Register(title="Emma"), transaction, **letterboxes))
        await variant.run(transaction.commit())
    assert script.calls == ["commit", "one after commit", "two after commit"]


async def test_an_unused_dependency_s_hooks_do_not_run(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    on(Register)(ask_for_mailer)
    mailers = {name: variant.make_mailer(script, name) for name in ("mailer", "printer")}
    async with variant.enter(uow) as transaction:
        await variant.run(bus.handle(Register(title="Emma"), transaction, **mailers))
        await variant.run(transaction.commit())
    assert script.calls == ["commit", "mailer after commit"]


@pytest.mark.parametrize("explicit", [True, False], ids=["rollback", "exception"])
async def test_after_a_rollback_the_rollback_hooks_run(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen, explicit: bool
) -> None:
    on(Register)(ask_for_mailer)
    mailer = variant.make_mailer(script)

    async def leave() -> None:
        async with variant.enter(uow) as transaction:
            await variant.run(bus.handle(Register(title="Emma"), transaction, mailer=mailer))
            if not explicit:
                raise ZeroDivisionError
            await variant.run(transaction.rollback())

    if explicit:
        await leave()
    else:
        with pytest.raises(ZeroDivisionError):
            await leave()
    assert script.calls == ["rollback", "mailer after rollback"]


async def test_a_hook_that_fails_is_raised_after_the_publication_and_nothing_is_undone(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    on(Register)(ask_for_mailer)
    script.failing["one after commit"] = OSError("mail server away")

    @on(Registered)
    async def two(event: Registered, uow: Uow, one: object, two: object) -> None: ...

    mailers = {name: variant.make_mailer(script, name) for name in ("one", "two")}
    with pytest.raises(OSError, match="mail server away"):
        async with variant.enter(uow) as transaction:
            await variant.run(bus.handle(Registered(title="Emma"), transaction, **mailers))
            await variant.run(transaction.commit())
    assert script.calls == ["commit", "send Emma", "one after commit", "two after commit"]


async def test_several_errors_are_an_exception_group(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    @on(Registered)
    async def listen(event: Registered, uow: Uow, one: object, two: object) -> None: ...

    script.failing = {
        "send Emma": ConnectionError("broker away"),
        "one after commit": OSError("mail server away"),
        "two after commit": ValueError("no address"),
    }
    mailers = {name: variant.make_mailer(script, name) for name in ("one", "two")}
    with pytest.raises(ExceptionGroup) as caught:
        async with variant.enter(uow) as transaction:
            await variant.run(bus.handle(Registered(title="Emma"), transaction, **mailers))
            await variant.run(transaction.commit())
    kinds = [type(error) for error in caught.value.exceptions]
    assert kinds == [PublicationError, OSError, ValueError]
    assert "rollback" not in script.calls


async def test_a_rollback_hook_that_fails_during_an_exception_is_a_note_on_it(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    on(Register)(ask_for_mailer)
    script.failing["mailer after rollback"] = OSError("mail server away")
    mailer = variant.make_mailer(script)
    with pytest.raises(ZeroDivisionError) as caught:
        async with variant.enter(uow) as transaction:
            await variant.run(bus.handle(Register(title="Emma"), transaction, mailer=mailer))
            raise ZeroDivisionError
    assert any("mail server away" in note for note in caught.value.__notes__)


async def test_a_caught_hook_error_leaves_the_transaction_committed(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    on(Register)(ask_for_mailer)
    script.failing["mailer after commit"] = OSError("mail server away")
    mailer = variant.make_mailer(script)
    async with variant.enter(uow) as transaction:
        await variant.run(bus.handle(Register(title="Emma"), transaction, mailer=mailer))
        with pytest.raises(OSError, match="mail server away"):
            await variant.run(transaction.commit())
        assert transaction.status is TransactionStatus.committed
    assert script.calls == ["commit", "mailer after commit"]
