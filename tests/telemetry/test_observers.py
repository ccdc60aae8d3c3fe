"""What observers are told, through both variants."""

from typing import Any

import pytest

from messagebus import Command
from messagebus.telemetry import Trail
from tests.messagebus.conftest import Listen
from tests.messagebus.fakes import Register, Registered, Script, Shelved, Uow
from tests.messagebus.variants import Bus, carry_out
from tests.telemetry.conftest import Diary, Variant


async def register(cmd: Register, uow: Uow) -> None:
    uow.books.add(cmd.title, Registered(title=cmd.title))


async def shelve(event: Registered, uow: Uow) -> None:
    uow.books.add(event.title, Shelved(title=event.title))


async def rest(event: Shelved, uow: Uow) -> None:
    pass


@pytest.fixture(autouse=True)
def listening(on: Listen) -> None:
    on(Register)(register)
    on(Registered)(shelve)
    on(Shelved)(rest)


async def test_each_step_of_a_transaction_is_watched(
    variant: Variant, bus: Bus, uow: Uow, diary: Diary
) -> None:
    await carry_out(variant, bus, uow, Register(title="Emma"))
    name = type(uow).__name__
    assert diary.lines == [
        f"transaction {name}:",
        "handle Register:",
        "handler register:",
        "handler register.",
        "handler shelve:",
        "handler shelve.",
        "handler rest:",
        "handler rest.",
        "handle Register.",
        f"commit {name}:",
        f"commit {name}.",
        "publish registered_v1:",
        "publish registered_v1.",
        f"transaction {name}.",
    ]


async def test_a_trail_leads_from_each_message_to_the_one_that_bore_it(
    variant: Variant, bus: Bus, uow: Uow, diary: Diary
) -> None:
    command = Register(title="Emma")
    await carry_out(variant, bus, uow, command)
    first, second, third = (diary.trails[each] for each in ("Register", "Registered", "Shelved"))
    correlation = str(command.message_id)
    assert first == Trail(str(command.message_id), correlation, None)
    assert second == Trail(second.message_id, correlation, first.message_id)
    assert third == Trail(third.message_id, correlation, second.message_id)


async def test_what_the_event_store_says_that_messages_belong_to_is_their_correlation(
    variant: Variant, bus: Bus, uow: Any, diary: Diary
) -> None:
    uow.kept.correlation_id = "a request"
    await carry_out(variant, bus, uow, Register(title="Emma"))
    assert {each.correlation_id for each in diary.trails.values()} == {"a request"}


async def test_an_error_passes_through_its_watchers_and_is_followed_by_the_rollback(
    variant: Variant, bus: Bus, uow: Uow, diary: Diary, script: Script
) -> None:
    script.failing["commit"] = RuntimeError("the disk is full")
    with pytest.raises(RuntimeError, match="full"):
        await carry_out(variant, bus, uow, Register(title="Emma"))
    name = type(uow).__name__
    assert diary.lines[-5:] == [
        f"commit {name}:",
        f"commit {name} failed: the disk is full",
        f"rollback {name}:",
        f"rollback {name}.",
        f"transaction {name}.",
    ]


async def test_a_handler_that_is_added_later_is_watched_too(
    variant: Variant, bus: Bus, uow: Uow, on: Listen, diary: Diary
) -> None:
    await carry_out(variant, bus, uow, Register(title="Emma"))
    diary.lines.clear()

    @on(Shelved)
    async def dust(event: Shelved, uow: Uow) -> None:
        pass

    await carry_out(variant, bus, uow, Register(title="Persuasion"))
    assert "handler dust." in diary.lines


async def test_a_command_handled_within_a_handler_has_a_trail_of_its_own(
    variant: Variant, bus: Bus, uow: Uow, on: Listen, diary: Diary
) -> None:
    class Ask(Command[None]):
        pass

    @on(Ask)
    async def ask(cmd: Ask, uow: Any) -> None:
        await variant.run(bus.handle(Register(title="Emma"), uow))

    command = Ask()
    await carry_out(variant, bus, uow, command)
    assert diary.trails["Ask"].message_id == str(command.message_id)
    assert diary.trails["Registered"].causation_id == diary.trails["Register"].message_id


async def test_an_observer_that_is_added_to_others_is_inside_them(
    variant: Variant, bus: Bus, uow: Uow, diary: Diary
) -> None:
    inner = Diary("inner ", diary.lines)
    bus.observe(inner)
    uow.observe(inner)
    await carry_out(variant, bus, uow, Register(title="Emma"))
    name = type(uow).__name__
    assert diary.lines[:4] == [
        f"transaction {name}:",
        f"inner transaction {name}:",
        "handle Register:",
        "inner handle Register:",
    ]
    assert diary.lines[-2:] == [f"inner transaction {name}.", f"transaction {name}."]
