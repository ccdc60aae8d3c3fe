"""Hands each message to its handler."""

from collections.abc import Awaitable, Callable

Handler = Callable[[object], Awaitable[None]]


class Bus:
    """One handler for each type of message."""

    def __init__(self) -> None:
        self.handlers: dict[type, Handler] = {}

    def listen(self, message_type: type, handler: Handler) -> None:
        self.handlers[message_type] = handler

    async def handle(self, message: object) -> None:
        await self.handlers[type(message)](message)
