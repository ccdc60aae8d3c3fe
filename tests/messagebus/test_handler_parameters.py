"""A handler is asked what it can be called with itself, however many functions are inside it."""

import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import AsyncMock, MagicMock, Mock, create_autospec

import pytest

from messagebus import (
    AsyncMessageBus,
    ConfigurationError,
    MissingDependencyError,
    SyncMessageBus,
    async_listen,
)
from tests.messagebus.fakes import Register, Registered, Shelved, SyncUow, Uow
from tests.messagebus.variants import AsyncVariant, Bus, Handler, Variant, carry_out


async def sell(cmd: Register, uow: Uow, price: int) -> str:
    return f"{cmd.title} for {price}"


def hands_all_on(handler: Handler) -> Handler:
    @functools.wraps(handler)
    async def call(*args: Any, **kwargs: Any) -> Any:
        return f"all of {await handler(*args, **kwargs)}"

    return call


def hands_names_on(handler: Handler) -> Handler:
    @functools.wraps(handler)
    async def call(order: Any, shelf: Any, **kwargs: Any) -> Any:
        return f"names of {await handler(order, shelf, **kwargs)}"

    return call


def hands_the_rest_on(handler: Handler) -> Handler:
    @functools.wraps(handler)
    async def call(order: Any, *args: Any, **kwargs: Any) -> Any:
        return f"rest of {await handler(order, *args, **kwargs)}"

    return call


def supplies_the_price(handler: Handler) -> Handler:
    @functools.wraps(handler)
    async def call(order: Any, shelf: Any) -> Any:
        return await handler(order, shelf, 7)

    return call


def asks_for_a_currency(handler: Handler) -> Handler:
    @functools.wraps(handler)
    async def call(order: Any, shelf: Any, *, currency: str, **kwargs: Any) -> Any:
        return f"{await handler(order, shelf, **kwargs)} {currency}"

    return call


def has_a_price_of_its_own(handler: Handler) -> Handler:
    @functools.wraps(handler)
    async def call(order: Any, shelf: Any, price: int = 8, **kwargs: Any) -> Any:
        return await handler(order, shelf, price=price, **kwargs)

    return call


class Shop:
    @hands_all_on
    async def sell(self, cmd: Register, uow: Uow, price: int) -> str:
        return f"{cmd.title} for {price}"

    async def sell_for(self, price: int, cmd: Register, uow: Uow, currency: str) -> str:
        return f"{cmd.title} for {price} {currency}"

    sell_for_six = functools.partialmethod(sell_for, 6, currency="pounds")


async def sell_at(place: str, cmd: Register, uow: Uow, price: int, currency: str = "") -> str:
    return f"{cmd.title} {place} for {price} {currency}"


class Till:
    """Can be called, and has attributes that mean nothing to the bus."""

    func = "daily"
    args = ("a", "b")

    async def __call__(self, cmd: Register, uow: Uow, price: int) -> str:
        return f"{cmd.title} for {price}"


class Counted:
    """A decorator that is a class."""

    def __init__(self, func: Handler) -> None:
        functools.update_wrapper(self, func)
        self.func = func

    async def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return await self.func(*args, **kwargs)


HANDLERS: dict[str, tuple[Handler, str]] = {
    "function": (sell, "Emma for 9"),
    "hands all on": (hands_all_on(sell), "all of Emma for 9"),
    "hands names on": (hands_names_on(sell), "names of Emma for 9"),
    "hands the rest on": (hands_the_rest_on(sell), "rest of Emma for 9"),
    "three deep": (hands_all_on(hands_names_on(sell)), "all of names of Emma for 9"),
    "supplies the price": (supplies_the_price(sell), "Emma for 7"),
    "supplies it, below": (hands_all_on(supplies_the_price(sell)), "all of Emma for 7"),
    "asks for more": (asks_for_a_currency(sell), "Emma for 9 euros"),
    "asks for more, below": (hands_all_on(asks_for_a_currency(sell)), "all of Emma for 9 euros"),
    "default": (has_a_price_of_its_own(sell), "Emma for 9"),
    "method": (Shop().sell, "all of Emma for 9"),
    "partial method": (Shop().sell_for_six, "Emma for 6 pounds"),
    "bound by place": (functools.partial(sell_at, "here"), "Emma here for 9 euros"),
    "bound by name": (functools.partial(sell_at, "here", price=5), "Emma here for 5 euros"),
    "bound to the last": (
        functools.partial(sell_at, "here", currency="pounds"),
        "Emma here for 9 pounds",
    ),
    "bound twice": (
        functools.partial(functools.partial(sell_at, "here", price=4), currency="pounds"),
        "Emma here for 4 pounds",
    ),
    "bound below": (hands_all_on(functools.partial(sell, price=3)), "all of Emma for 3"),
    "bound above": (functools.partial(hands_all_on(sell), price=2), "all of Emma for 2"),
    "bound, and named like": (
        functools.update_wrapper(functools.partial(sell_at, "here", price=1), sell_at),
        "Emma here for 1 euros",
    ),
    "object": (Till(), "Emma for 9"),
    "partial object": (functools.partial(Till(), price=3), "Emma for 3"),
    "class": (Counted(sell), "Emma for 9"),
    "class over partial": (Counted(functools.partial(sell, price=0)), "Emma for 0"),
}


@pytest.mark.parametrize("name", HANDLERS)
async def test_a_handler_gets_the_dependencies_that_are_not_bound_or_supplied(
    variant: Variant, uow: Uow, name: str
) -> None:
    handler, answer = HANDLERS[name]
    bus = variant.make_bus(price=lambda: 9, currency=lambda: "euros")
    bus.add_listener(Register, variant.handler(handler))
    assert await carry_out(variant, bus, uow, Register(title="Emma")) == answer


@pytest.mark.parametrize(
    "name",
    [
        *("supplies the price", "supplies it, below", "default", "partial method", "bound by name"),
        *("bound twice", "bound below", "bound above", "partial object", "class over partial"),
    ],
)
async def test_bound_or_supplied_arguments_need_not_be_provided(
    variant: Variant, bus: Bus, uow: Uow, name: str
) -> None:
    bus.add_listener(Register, variant.handler(HANDLERS[name][0]))
    assert await carry_out(variant, bus, uow, Register(title="Emma"))


@pytest.mark.parametrize("name", ["hands all on", "three deep", "asks for more", "method", "class"])
async def test_a_decorated_handler_s_missing_dependency_is_found_before_any_handler_runs(
    variant: Variant, bus: Bus, uow: Uow, name: str
) -> None:
    bus.add_listener(Register, variant.handler(HANDLERS[name][0]))
    with pytest.raises(MissingDependencyError, match=r"asks for '(price|currency)'"):
        await carry_out(variant, bus, uow, Register(title="Emma"))


async def test_a_decorator_may_take_another_message_than_the_function_it_wraps(
    variant: Variant, bus: Bus, uow: Uow
) -> None:
    async def sold(event: Shelved, uow: Uow) -> str:
        return event.title

    async def upgraded(cmd: Register, uow: Uow) -> str:
        return await sold(Shelved(title=f"{cmd.title}, upgraded"), uow)

    vars(upgraded)["__wrapped__"] = sold
    bus.add_listener(Register, variant.handler(upgraded))
    assert await carry_out(variant, bus, uow, Register(title="Emma")) == "Emma, upgraded"


async def test_a_declared_signature_is_believed(variant: Variant, bus: Bus, uow: Uow) -> None:
    async def anything(*args: Any, **kwargs: Any) -> str:
        return f"{args[0].title}, {sorted(kwargs)}"

    vars(anything)["__signature__"] = inspect.signature(
        supplies_the_price(sell), follow_wrapped=False
    )
    first, second = list(vars(anything)["__signature__"].parameters.values())
    vars(anything)["__signature__"] = inspect.Signature(
        [first.replace(annotation=Register), second]
    )
    bus.add_listener(Register, variant.handler(anything))
    assert await carry_out(variant, bus, uow, Register(title="Emma")) == "Emma, []"


def test_a_partial_that_has_bound_the_transaction_takes_no_two_parameters(
    variant: Variant, bus: Bus
) -> None:
    transaction: Any = None
    bound = functools.partial(sell, uow=transaction)
    with pytest.raises(ConfigurationError, match=r"sell does not take two positional"):
        bus.add_listener(Register, variant.handler(bound))


def test_a_function_that_chooses_by_its_first_argument_is_a_handler() -> None:
    @functools.singledispatch
    def see(event: Shelved | Registered, uow: SyncUow) -> None:
        raise AssertionError("an implementation is chosen")

    seen: list[str] = []

    @see.register
    def _(event: Shelved, uow: Any) -> None:
        seen.append(event.title)

    bus = SyncMessageBus()
    bus.add_listener(Shelved, see)
    bus.add_listener(Registered, see)
    assert len(bus.listeners) == 2


def test_a_cached_function_is_a_handler_of_the_sync_bus() -> None:
    @functools.lru_cache
    def see(event: Shelved, uow: SyncUow) -> None: ...

    bus = SyncMessageBus()
    bus.add_listener(Shelved, see)
    assert len(bus.listeners) == 1


class Remote:
    """Has each attribute, as a proxy of a remote server has."""

    def __getattr__(self, name: str) -> Any:
        return Remote()

    async def __call__(self, cmd: Register, uow: Uow) -> None: ...


class OutOfReach:
    """As the current request of a web framework is, outside of one."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("no request")

    async def __call__(self, cmd: Register, uow: Uow) -> None: ...


DOUBLES = {
    "AsyncMock": AsyncMock(),
    "MagicMock": MagicMock(),
    "Mock": Mock(),
    "with a specification": AsyncMock(spec=sell),
    "remote": Remote(),
    "out of reach": OutOfReach(),
}


@pytest.mark.parametrize("double", list(DOUBLES.values()), ids=list(DOUBLES))
def test_an_object_with_every_attribute_cannot_be_added(bus: Bus, double: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"an object of .*(write a|annotate it with)"):
        bus.add_listener(Register, double)
    with pytest.raises(ConfigurationError):
        bus.add_listener(Register, functools.partial(double, 1))
    with pytest.raises(ConfigurationError, match="does not listen"):
        bus.remove_listener(Register, double)


@pytest.mark.parametrize(
    "double", [AsyncMock(), Remote(), OutOfReach()], ids=["mock", "remote", "out of reach"]
)
def test_an_object_with_every_attribute_cannot_be_marked(double: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"an object of .*write a function"):
        async_listen(double)


async def test_a_function_that_a_library_specified_after_a_handler_is_one(
    variant: Variant, bus: Bus, uow: Uow
) -> None:
    def see(event: Shelved, uow: Uow) -> None: ...

    async def see_later(event: Shelved, uow: Uow) -> None: ...

    double = create_autospec(
        see_later if isinstance(variant, AsyncVariant) else see, return_value=None
    )
    bus.add_listener(Shelved, double)
    await carry_out(variant, bus, uow, Shelved(title="Emma"))
    double.assert_called_once()


@pytest.mark.parametrize("value", ["text", None, 3, []], ids=repr)
def test_an_object_that_cannot_be_called_is_refused(bus: Bus, value: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"is given as a handler; .*give a function"):
        bus.add_listener(Register, value)


class Layers:
    """Each is wrapped by another one, without end."""

    @property
    def __wrapped__(self) -> "Layers":
        return Layers()

    async def __call__(self, *args: Any, **kwargs: Any) -> None: ...


def loops() -> Iterator[Callable[..., Any]]:
    async def alone(*args: Any, **kwargs: Any) -> None: ...

    async def other(*args: Any, **kwargs: Any) -> None: ...

    vars(alone)["__wrapped__"] = alone
    yield alone
    yield functools.partial(alone, 1)
    vars(other)["__wrapped__"] = functools.partial(other)
    yield other
    yield Layers()


@pytest.mark.parametrize(
    "handler", list(loops()), ids=["itself", "partial", "through a partial", "new"]
)
def test_a_handler_that_wraps_itself_is_refused(handler: Callable[..., Any]) -> None:
    with pytest.raises(ConfigurationError, match="does not say what it can be called with"):
        AsyncMessageBus().add_listener(Register, handler)
