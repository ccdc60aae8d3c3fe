"""What may be registered, and what is refused there: by module, function, rule and remedy."""

import functools
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from messagebus import Command, ConfigurationError, Event, Message, Metadata, SyncMessageBus
from tests.messagebus.conftest import Listen
from tests.messagebus.fakes import Register, Registered, Script, Shelved, Uow, register
from tests.messagebus.variants import Bus, Handler, Variant, carry_out

if TYPE_CHECKING:
    from decimal import Decimal


async def test_adding_a_handler_twice_registers_it_once(
    variant: Variant, bus: Bus, uow: Uow, script: Script
) -> None:
    async def see(event: Shelved, uow: Uow) -> None:
        script.play("saw it")

    handler = variant.handler(see)
    bus.add_listener(Shelved, handler)
    bus.add_listener(Shelved, handler)
    await carry_out(variant, bus, uow, Shelved(title="Emma"))
    assert script.calls == ["saw it", "commit"]


async def test_a_command_has_one_handler(variant: Variant, bus: Bus, uow: Uow, on: Listen) -> None:
    async def another(cmd: Register, uow: Uow) -> str:
        return "another"

    on(Register)(register)
    with pytest.raises(ConfigurationError, match=r"another is a second handler.*fakes\.register"):
        on(Register)(another)
    assert await carry_out(variant, bus, uow, Register(title="Emma")) == "Emma is on the shelf"


async def test_a_removed_listener_hears_nothing(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    @on(Shelved)
    async def see(event: Shelved, uow: Uow) -> None:
        script.play("saw it")

    bus.remove_listener(Shelved, see)
    await carry_out(variant, bus, uow, Shelved(title="Emma"))
    assert script.calls == ["commit"]


def test_a_command_s_removed_handler_makes_room(bus: Bus, on: Listen) -> None:
    first = on(Register)(register)
    bus.remove_listener(Register, first)
    on(Register)(register)


def test_a_listener_that_was_never_added_cannot_be_removed(
    variant: Variant, bus: Bus, on: Listen
) -> None:
    handler = variant.handler(register)
    with pytest.raises(ConfigurationError, match=r"fakes\.register does not listen to Register"):
        bus.remove_listener(Register, handler)
    on(Register)(register)
    with pytest.raises(ConfigurationError, match=r"fakes\.register does not listen to Shelved"):
        bus.remove_listener(Shelved, handler)


def test_a_handler_of_the_other_variant_is_refused(variant: Variant, bus: Bus) -> None:
    async def waits(cmd: Register, uow: Uow) -> None: ...

    def blocks(cmd: Register, uow: Uow) -> None: ...

    wrong = waits if isinstance(bus, SyncMessageBus) else blocks
    with pytest.raises(ConfigurationError, match=rf"{__name__}\..*{wrong.__name__} is a"):
        bus.add_listener(Register, wrong)


def test_a_generator_is_no_handler_since_nobody_would_run_it(bus: Bus) -> None:
    def yields(cmd: Register, uow: Uow) -> Iterator[int]:
        yield 1

    async def yields_too(cmd: Register, uow: Uow) -> AsyncIterator[int]:
        yield 1

    for generator in (yields, yields_too):
        with pytest.raises(ConfigurationError, match=rf"{generator.__name__} is a"):
            bus.add_listener(Register, generator)


def test_a_handler_without_an_annotation_is_refused(variant: Variant, bus: Bus) -> None:
    async def unannotated(cmd: Register, uow: Uow) -> None: ...

    del unannotated.__annotations__["cmd"]
    with pytest.raises(ConfigurationError, match=rf"{__name__}.*unannotated.* no annotation"):
        bus.add_listener(Register, variant.handler(unannotated))


@pytest.mark.parametrize("annotation", [int, "str", "list[Registered]", "Missing", "int | Shelved"])
def test_an_unusable_annotation_is_refused(variant: Variant, bus: Bus, annotation: object) -> None:
    async def unusable(cmd: Any, uow: Uow) -> None: ...

    unusable.__annotations__["cmd"] = annotation
    with pytest.raises(ConfigurationError, match=rf"{__name__}\..*unusable"):
        bus.add_listener(Register, variant.handler(unusable))


@pytest.mark.parametrize("base", [Message, Command, Event, Command[str]], ids=str)
def test_a_base_class_is_refused_since_dispatch_is_by_exact_class(
    variant: Variant, bus: Bus, base: Any
) -> None:
    async def listen_to_all(message: Any, uow: Uow) -> None: ...

    listen_to_all.__annotations__["message"] = base
    with pytest.raises(ConfigurationError, match="exact class"):
        bus.add_listener(base, variant.handler(listen_to_all))


def test_a_handler_is_not_added_for_other_messages_than_its_annotation_says(on: Listen) -> None:
    with pytest.raises(ConfigurationError, match="annotated for Register, but is added for Shel"):
        on(Shelved)(register)


def test_a_handler_takes_the_message_and_the_transaction(variant: Variant, bus: Bus) -> None:
    async def alone(cmd: Register) -> None: ...

    with pytest.raises(ConfigurationError, match=r"alone does not take two"):
        bus.add_listener(Register, variant.handler(alone))


async def test_a_handler_may_name_a_union_of_messages(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    async def see(event: Shelved | Registered, uow: Uow) -> None:
        script.play(f"saw {type(event).__name__}")

    on(Shelved)(see)
    on(Registered)(see)
    await carry_out(variant, bus, uow, Shelved(title="Emma"), Registered(title="Emma"))
    assert script.calls == ["saw Shelved", "saw Registered", "commit", "send Emma"]


async def test_names_that_only_checkers_know_may_stand_in_the_other_annotations(
    variant: Variant, bus: Bus, uow: Uow, on: Listen
) -> None:
    @on(Register)
    async def priced(
        cmd: "Register", uow: "Uow", price: "Decimal | None" = None
    ) -> "Decimal | None":
        return price

    assert await carry_out(variant, bus, uow, Register(title="Emma")) is None


class Shop:
    async def sell(self, cmd: Register, uow: Uow) -> str:
        return "sold"


async def sell_for(price: int, cmd: Register, uow: Uow, currency: str) -> str:
    return f"sold for {price} {currency}"


@pytest.mark.parametrize(
    ("handler", "answer"),
    [
        (Shop().sell, "sold"),
        (functools.partial(sell_for, 3, currency="pounds"), "sold for 3 pounds"),
    ],
    ids=["method", "partial"],
)
async def test_methods_and_partials_are_handlers(
    variant: Variant, bus: Bus, uow: Uow, on: Listen, handler: Handler, answer: str
) -> None:
    on(Register)(handler)
    assert await carry_out(variant, bus, uow, Register(title="Emma")) == answer


def published(name: str, version: int = 1, published: bool = True) -> type[Event]:
    class Published(Event):
        metadata: Metadata = Metadata(name=name, schema_version=version, published=published)

    return Published


def listening_to(kind: type[Event]) -> Handler:
    async def listen(event: Any, uow: Uow) -> None: ...

    listen.__annotations__["event"] = kind
    return listen


def test_two_published_classes_of_one_type_are_refused(on: Listen) -> None:
    first, second = published("book_sold"), published("book_sold")
    on(first)(listening_to(first))
    with pytest.raises(ConfigurationError, match=r"published as book_sold_v1.*another name or"):
        on(second)(listening_to(second))


@pytest.mark.parametrize(
    "second",
    [published("book_sold", 2), published("book_sold", published=False), published("book_lent")],
    ids=["version", "unpublished", "name"],
)
def test_only_published_classes_of_one_name_and_version_are_one_type(
    on: Listen, second: type[Event]
) -> None:
    first = published("book_sold")
    on(first)(listening_to(first))
    on(second)(listening_to(second))
