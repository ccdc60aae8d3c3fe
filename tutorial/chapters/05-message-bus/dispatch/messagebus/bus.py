"""The message bus: it knows which handler carries out which command."""

from collections.abc import Callable
from typing import Any

from messagebus.messages import Command, Message, TResult
from messagebus.unit_of_work import AsyncAbstractUnitOfWork

Handler = Callable[..., Any]


class AsyncMessageBus:
    """Dispatches commands to coroutine functions."""

    def __init__(self) -> None:
        self._listeners: dict[type[Message], Handler] = {}

    def add_listener(self, message_type: type[Message], handler: Handler) -> None:
        """Register the handler of a command."""
        self._listeners[message_type] = handler

    async def handle(
        self, command: Command[TResult], transaction: AsyncAbstractUnitOfWork
    ) -> TResult:
        """Call the command's handler and return its answer."""
        handler = self._listeners[type(command)]
        answer: TResult = await handler(command, transaction)
        return answer
