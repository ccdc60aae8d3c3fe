"""The errors are one tree, and each says who broke which rule and what to do."""

import pytest

import messagebus
from messagebus import (
    ConfigurationError,
    MessageBusError,
    MessageLoopError,
    MissingDependencyError,
    PublicationError,
    TransactionError,
    UnhandledCommandError,
)
from tests.messagebus.conftest import Listen
from tests.messagebus.fakes import Register, Registered, Script, Shelved, Uow, register
from tests.messagebus.variants import Bus, Variant, carry_out

KINDS = [
    ConfigurationError,
    MessageLoopError,
    MissingDependencyError,
    PublicationError,
    TransactionError,
    UnhandledCommandError,
]


@pytest.mark.parametrize("kind", KINDS)
def test_each_error_is_a_messagebuserror(kind: type[Exception]) -> None:
    assert kind.__bases__ == (MessageBusError,)


def test_every_exported_error_is_tested() -> None:
    named = {name for name in messagebus.__all__ if name.endswith("Error")}
    assert named == {kind.__name__ for kind in [MessageBusError, *KINDS]}


async def error_of(variant: Variant, bus: Bus, uow: Uow, message: object) -> tuple[str, str]:
    with pytest.raises(MessageBusError) as caught:
        await carry_out(variant, bus, uow, message)
    return type(caught.value).__name__, str(caught.value)


async def test_a_command_without_a_handler(variant: Variant, bus: Bus, uow: Uow) -> None:
    kind, text = await error_of(variant, bus, uow, Register(title="Emma"))
    assert kind == "UnhandledCommandError"
    assert "tests.messagebus.fakes.Register has no handler" in text
    assert "exactly one" in text
    assert "scan the module" in text


async def test_a_missing_dependency(variant: Variant, bus: Bus, uow: Uow, on: Listen) -> None:
    @on(Register)
    async def mail(cmd: Register, uow: Uow, mailer: object) -> None: ...

    kind, text = await error_of(variant, bus, uow, Register(title="Emma"))
    assert kind == "MissingDependencyError"
    assert f"{__name__}.test_a_missing_dependency.<locals>.mail asks for 'mailer'" in text
    assert "handle(…, mailer=…)" in text


async def test_a_loop(variant: Variant, bus: Bus, uow: Uow, on: Listen) -> None:
    @on(Shelved)
    async def again(event: Shelved, uow: Uow) -> None:
        uow.books.add("again", event)

    kind, text = await error_of(variant, bus, uow, Shelved(title="Emma"))
    assert kind == "MessageLoopError"
    assert text.startswith("Shelved: ")
    assert "100 generations" in text
    assert "stop raising" in text


async def test_a_transport_that_fails(
    variant: Variant, bus: Bus, uow: Uow, script: Script, on: Listen
) -> None:
    on(Register)(register)
    script.failing["send Emma"] = ConnectionError("broker away")
    kind, text = await error_of(variant, bus, uow, Register(title="Emma"))
    assert kind == "PublicationError"
    assert "Stream did not take registered_v1: ConnectionError('broker away')" in text
    assert "1 message(s) stay buffered" in text
    assert "publish again" in text


async def test_a_block_without_a_decision(variant: Variant, uow: Uow) -> None:
    with pytest.raises(TransactionError) as caught:
        async with variant.enter(uow):
            pass
    text = str(caught.value)
    assert text.startswith(type(uow).__name__)
    assert "without commit or rollback" in text
    assert "call one of them" in text


def test_a_second_handler_for_a_command(bus: Bus, on: Listen) -> None:
    async def another(cmd: Register, uow: Uow) -> None: ...

    on(Register)(register)
    with pytest.raises(ConfigurationError) as caught:
        on(Register)(another)
    text = str(caught.value)
    assert f"{__name__}.test_a_second_handler_for_a_command.<locals>.another is a second" in text
    assert "after tests.messagebus.fakes.register" in text
    assert "remove one" in text


async def test_a_poisonous_message_is_named_with_what_json_cannot_say(
    variant: Variant, bus: Bus, uow: Uow
) -> None:
    class Poison(Registered):
        body: object = None
        metadata = Registered.metadata

    kind, text = await error_of(variant, bus, uow, Poison(title="Emma", body=object()))
    assert kind == "TransactionError"
    assert "Poison cannot be serialised" in text
    assert "types that JSON can say" in text
