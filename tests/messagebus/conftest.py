"""Every test of the bus runs for both variants; to test one alone, leave one parameter."""

from collections.abc import Callable
from typing import Any

import pytest

from messagebus import Message
from tests.messagebus.fakes import Script, Stream, Uow
from tests.messagebus.variants import AsyncVariant, Bus, Handler, SyncVariant, Variant

Listen = Callable[[type[Message[Any]]], Callable[[Handler], Callable[..., Any]]]


@pytest.fixture(params=[AsyncVariant, SyncVariant], ids=["async", "sync"])
def variant(request: pytest.FixtureRequest) -> Variant:
    made: Variant = request.param()
    return made


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def stream(variant: Variant, script: Script) -> Stream:
    return variant.make_stream(script)


@pytest.fixture
def uow(variant: Variant, stream: Stream) -> Uow:
    return variant.make_uow(stream)


@pytest.fixture
def bus(variant: Variant) -> Bus:
    return variant.make_bus()


@pytest.fixture
def on(variant: Variant, bus: Bus) -> Listen:
    """`@on(Register)` registers the handler below it, for the variant."""

    def listen(message_type: type[Message[Any]]) -> Callable[[Handler], Callable[..., Any]]:
        def register(handler: Handler) -> Callable[..., Any]:
            made = variant.handler(handler)
            bus.add_listener(message_type, made)
            return made

        return register

    return listen
