"""Messages that bear messages are counted in generations: endless ones are a loop."""

import pytest

from messagebus import Event, MessageLoopError, Metadata
from tests.messagebus.conftest import Listen
from tests.messagebus.fakes import Registered, Script, Shelved, Uow
from tests.messagebus.variants import Bus, Variant, carry_out


class Step(Event):
    left: int
    metadata: Metadata = Metadata(name="step", schema_version=1)


async def go_on(step: Step, uow: Uow) -> None:
    if step.left:
        uow.books.add("step", Step(left=step.left - 1))


async def test_a_hundred_generations_are_fine(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    on(Step)(go_on)
    await carry_out(variant, bus, uow, Step(left=100))
    assert script.calls == ["commit"]


@pytest.mark.parametrize("left", [101, 100_000])
async def test_more_than_a_hundred_generations_are_a_loop_that_names_its_messages(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen, left: int
) -> None:
    on(Step)(go_on)
    with pytest.raises(MessageLoopError, match=r"Step.*100 generations.*max_generations"):
        await carry_out(variant, bus, uow, Step(left=left))
    assert script.calls == ["rollback"]


async def test_the_number_of_generations_can_be_adjusted(
    variant: Variant, bus: Bus, uow: Uow, on: Listen
) -> None:
    on(Step)(go_on)
    bus.max_generations = 3
    await carry_out(variant, bus, uow, Step(left=3))
    with pytest.raises(MessageLoopError, match="3 generations"):
        await carry_out(variant, bus, uow, Step(left=4))
    bus.max_generations = 500
    await carry_out(variant, bus, uow, Step(left=500))


async def test_a_loop_of_two_messages_names_both(
    variant: Variant, bus: Bus, uow: Uow, on: Listen
) -> None:
    @on(Registered)
    async def ping(event: Registered, uow: Uow) -> None:
        uow.books.add("ping", Shelved(title=event.title))

    @on(Shelved)
    async def pong(event: Shelved, uow: Uow) -> None:
        uow.books.add("pong", Registered(title=event.title))

    with pytest.raises(MessageLoopError, match="Registered, Shelved"):
        await carry_out(variant, bus, uow, Shelved(title="Emma"))
