"""Commands have one handler and an answer; events come after, breadth first, exact by class."""

import inspect
from typing import Any

import pytest

from messagebus import (
    AsyncMessageBus,
    Command,
    ConfigurationError,
    SyncMessageBus,
    TransactionError,
    UnhandledCommandError,
)
from tests.messagebus.conftest import Listen
from tests.messagebus.fakes import (
    AsyncUow,
    Register,
    Registered,
    Script,
    Shelved,
    Uow,
    register,
    titles,
)
from tests.messagebus.variants import Bus, Variant, carry_out


async def test_handle_returns_what_the_command_s_handler_returns(
    variant: Variant, bus: Bus, uow: Uow, on: Listen
) -> None:
    on(Register)(register)
    assert await carry_out(variant, bus, uow, Register(title="Emma")) == "Emma is on the shelf"


async def test_an_event_can_be_handled_and_answers_none(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    @on(Shelved)
    async def see(event: Shelved, uow: Uow) -> str:
        script.play("saw it")
        return "nobody reads this"

    assert await carry_out(variant, bus, uow, Shelved(title="Emma")) is None
    assert script.calls == ["saw it", "commit"]


async def test_the_answers_of_later_commands_are_nobody_s(
    variant: Variant, bus: Bus, uow: Uow, on: Listen
) -> None:
    class Order(Command[int]):
        title: str

    @on(Order)
    async def order(cmd: Order, uow: Uow) -> int:
        uow.books.add("order", Register(title=cmd.title))
        return 1

    on(Register)(register)
    assert await carry_out(variant, bus, uow, Order(title="Emma")) == 1
    assert "Emma" in uow.books.rows


async def test_a_command_without_a_handler_is_refused(variant: Variant, bus: Bus, uow: Uow) -> None:
    with pytest.raises(UnhandledCommandError, match=r"fakes\.Register has no handler.*scan"):
        await carry_out(variant, bus, uow, Register(title="Emma"))


async def test_an_event_without_a_handler_is_kept_and_published(
    variant: Variant, bus: Bus, uow: Uow, script: Script
) -> None:
    await carry_out(variant, bus, uow, Registered(title="Emma"))
    assert titles(uow.kept.kept) == ["Registered Emma"]
    assert script.calls == ["commit", "send Emma"]


async def test_an_object_that_is_no_message_is_refused(
    variant: Variant, bus: Bus, uow: Uow
) -> None:
    with pytest.raises(ConfigurationError, match="was given 'Emma'"):
        await carry_out(variant, bus, uow, "Emma")


async def test_dispatch_is_by_exact_class(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    class ShelvedTwice(Shelved):
        pass

    @on(Shelved)
    async def see(event: Shelved, uow: Uow) -> None:
        script.play("saw it")

    await carry_out(variant, bus, uow, ShelvedTwice(title="Emma"))
    assert script.calls == ["commit"]


async def test_the_handlers_of_an_event_run_in_the_order_of_their_registration(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    @on(Shelved)
    async def second_by_name(event: Shelved, uow: Uow) -> None:
        script.play("registered first")

    @on(Shelved)
    async def first_by_name(event: Shelved, uow: Uow) -> None:
        script.play("registered second")

    await carry_out(variant, bus, uow, Shelved(title="Emma"))
    assert script.calls == ["registered first", "registered second", "commit"]


async def test_events_run_breadth_first_in_the_same_transaction(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    children = {"": ["1", "2"], "1": ["1.1", "1.2"], "2": ["2.1"], "1.1": ["1.1.1"]}

    @on(Register)
    async def start(cmd: Register, uow: Uow) -> None:
        uow.books.add("", *(Shelved(title=each) for each in children[""]))

    @on(Shelved)
    async def go_on(event: Shelved, uow: Uow) -> None:
        script.play(event.title)
        raised = [Shelved(title=each) for each in children.get(event.title, [])]
        uow.books.add(event.title, *raised)

    await carry_out(variant, bus, uow, Register(title="root"))
    assert script.calls == ["1", "2", "1.1", "1.2", "2.1", "1.1.1", "commit"]
    assert titles(uow.kept.kept)[0] == "Register root"


async def test_each_message_is_handled_once_however_often_its_model_was_seen(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    @on(Register)
    async def load_often(cmd: Register, uow: Uow) -> None:
        uow.books.add(cmd.title, Shelved(title=cmd.title))
        for _ in range(3):
            uow.books.load(cmd.title)

    @on(Shelved)
    async def see(event: Shelved, uow: Uow) -> None:
        uow.books.load(event.title)
        script.play("saw it")

    commands = [Register(title="Emma"), Register(title="Persuasion")]
    await carry_out(variant, bus, uow, *commands)
    assert script.calls == ["saw it", "saw it", "commit"]


async def test_messages_of_a_loaded_model_are_handled(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    @on(Register)
    async def load(cmd: Register, uow: Uow) -> None:
        uow.books.load(cmd.title).messages.append(Shelved(title=cmd.title))

    @on(Shelved)
    async def see(event: Shelved, uow: Uow) -> None:
        script.play("saw it")

    async with variant.enter(uow) as transaction:
        transaction.books.add("Emma")
        await variant.run(transaction.commit())
    await carry_out(variant, bus, uow, Register(title="Emma"))
    assert script.calls == ["commit", "saw it", "commit"]


async def test_a_command_that_raises_5000_events_at_once_is_fine(
    variant: Variant, bus: Bus, uow: Uow, on: Listen
) -> None:
    seen: list[str] = []

    @on(Register)
    async def burst(cmd: Register, uow: Uow) -> None:
        uow.books.add(cmd.title, *(Shelved(title=str(number)) for number in range(5000)))

    @on(Shelved)
    async def see(event: Shelved, uow: Uow) -> None:
        seen.append(event.title)

    await carry_out(variant, bus, uow, Register(title="Emma"))
    assert seen == [str(number) for number in range(5000)]


async def test_a_transaction_of_the_other_variant_is_refused(variant: Variant, uow: Uow) -> None:
    other: Any = SyncMessageBus() if isinstance(uow, AsyncUow) else AsyncMessageBus()
    async with variant.enter(uow) as transaction:
        with pytest.raises(TransactionError, match="enter the unit of work"):
            await resolve(other.handle(Shelved(title="Emma"), transaction))
        await variant.run(transaction.rollback())


async def resolve(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value
