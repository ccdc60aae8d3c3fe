"""Every test of the bus goes through both doors; to test one alone, leave one parameter."""

from collections.abc import Callable
from typing import Any

import pytest

from messagebus import Message
from tests.messagebus.doors import AsyncDoor, Bus, Door, Handler, SyncDoor
from tests.messagebus.fakes import Script, Stream, Uow

Listen = Callable[[type[Message[Any]]], Callable[[Handler], Callable[..., Any]]]


@pytest.fixture(params=[AsyncDoor, SyncDoor], ids=["async", "sync"])
def door(request: pytest.FixtureRequest) -> Door:
    made: Door = request.param()
    return made


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def stream(door: Door, script: Script) -> Stream:
    return door.make_stream(script)


@pytest.fixture
def uow(door: Door, stream: Stream) -> Uow:
    return door.make_uow(stream)


@pytest.fixture
def bus(door: Door) -> Bus:
    return door.make_bus()


@pytest.fixture
def on(door: Door, bus: Bus) -> Listen:
    """`@on(Register)` registers the handler below it, in the colour of the door."""

    def listen(message_type: type[Message[Any]]) -> Callable[[Handler], Callable[..., Any]]:
        def register(handler: Handler) -> Callable[..., Any]:
            coloured = door.handler(handler)
            bus.add_listener(message_type, coloured)
            return coloured

        return register

    return listen
