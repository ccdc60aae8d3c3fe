import inspect

from messagebus import AsyncMessageBus, Command
from reading_club.domain import messages


def test_each_command_of_the_club_has_its_handler(bus: AsyncMessageBus) -> None:
    orders = {
        kind
        for _, kind in inspect.getmembers(messages, inspect.isclass)
        if issubclass(kind, Command) and kind.__pydantic_generic_metadata__["origin"] is None
        if kind is not Command
    }
    assert orders
    assert orders <= bus.listeners.keys()
