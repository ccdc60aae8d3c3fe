"""A type parameter alone keeps no event from its handler in silence."""

from collections.abc import Callable
from typing import Annotated, Any, Generic, TypeVar

import pytest

from messagebus import Command, Event, UnhandledCommandError
from tests.messagebus.conftest import Listen
from tests.messagebus.fakes import Script, Uow
from tests.messagebus.variants import Bus, Handler, Variant, carry_out

T = TypeVar("T")
U = TypeVar("U")


class Added(Event, Generic[T]):
    item: T


class Lent(Event, Generic[T, U]):
    item: T
    reader: U


class LentToAda(Lent[T, str], Generic[T]):
    pass


class WithoutParameter(Event):
    item: int


class Add(Command[str], Generic[T]):
    item: T


OPEN: Any = Lent
# What the handler is registered for, and what is raised.
PAIRS: dict[str, tuple[type[Event], Callable[[], Event]]] = {
    "the bare class": (Added, lambda: Added[int](item=1)),
    "a parameter": (Added[int], lambda: Added(item=1)),
    "a variable": (OPEN[int, U], lambda: Lent[int, str](item=1, reader="Ada")),
    "one variable left": (Lent[int, str], lambda: OPEN[int, U](item=1, reader="Ada")),
    "anything": (Added[Any], lambda: Added[int](item=1)),
    "metadata": (Added[Annotated[int, []]], lambda: Added[Annotated[int, []]](item=1)),
    "a subclass": (LentToAda, lambda: LentToAda[int](item=1, reader="Ada")),
}


def hears(script: Script, kind: Any) -> Handler:
    async def hear(event: Any, uow: Any) -> None:
        script.play(f"heard {event.item}")

    hear.__annotations__["event"] = kind
    return hear


@pytest.mark.parametrize("pair", PAIRS)
async def test_an_event_that_only_its_parameter_keeps_from_a_handler_is_warned_of_once(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen, pair: str
) -> None:
    kind, make = PAIRS[pair]
    on(kind)(hears(script, kind))
    first, second = make(), make()
    with pytest.warns(RuntimeWarning, match=r"has no handler, but .* has; .*listen to") as warned:
        await carry_out(variant, bus, uow, first)
    assert len(warned) == 1
    if type(first) is type(second):
        await carry_out(variant, bus, uow, second)


@pytest.mark.parametrize(
    ("kind", "event"),
    [
        (Added[int], Added[int](item=1)),
        (Added, Added(item=1)),
        (Lent[int, str], Lent[int, str](item=1, reader="Ada")),
    ],
    ids=["parameter", "bare", "two"],
)
async def test_an_event_of_the_handler_s_own_class_is_heard(
    variant: Variant,
    bus: Bus,
    uow: Uow,
    script: Script,
    on: Listen,
    kind: type[Event],
    event: Event,
) -> None:
    on(kind)(hears(script, kind))
    await carry_out(variant, bus, uow, event)
    assert script.calls == ["heard 1", "commit"]


async def test_an_event_that_has_a_handler_of_its_own_is_not_warned_of(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    on(Added)(hears(script, Added))
    on(Added[int])(hears(script, Added[int]))
    await carry_out(variant, bus, uow, Added[int](item=1), Added(item=2))
    assert script.calls == ["heard 1", "heard 2", "commit"]


async def test_an_event_with_another_parameter_is_another_event_and_needs_no_handler(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    on(Added[int])(hears(script, Added[int]))
    await carry_out(variant, bus, uow, Added[str](item="Emma"), WithoutParameter(item=1))
    assert script.calls == ["commit"]


async def test_a_handler_that_is_added_or_removed_later_is_seen(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    await carry_out(variant, bus, uow, Added[int](item=1))
    handler = on(Added)(hears(script, Added))
    with pytest.warns(RuntimeWarning, match=r"Added\[int\] has no handler, but Added has"):
        await carry_out(variant, bus, uow, Added[int](item=1))
    bus.remove_listener(Added, handler)
    await carry_out(variant, bus, uow, Added[int](item=1))


async def test_a_command_with_another_parameter_has_no_handler(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    on(Add)(hears(script, Add))
    with pytest.raises(UnhandledCommandError, match=r"Add\[int\] has no handler"):
        await carry_out(variant, bus, uow, Add[int](item=1))
