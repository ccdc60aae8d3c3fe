"""The message bus: one loop over commands and events.

After Percival and Gregory, "Architecture Patterns with Python", chapters 8 to 10: the bus
calls the handlers of a message, collects what the models raised meanwhile, and goes on
with that until nothing is left.
"""

from collections.abc import Coroutine
from typing import Any, overload

from messagebus.errors import (
    ConfigurationError,
    MessageLoopError,
    UnhandledCommandError,
)
from messagebus.handlers.marks import Handler, scan
from messagebus.messages import Command, Event, Message, TResult
from messagebus.unit_of_work import AsyncAbstractUnitOfWork


class AsyncMessageBus:
    """Dispatches commands and events to coroutine functions."""

    max_generations: int = 100
    """How many generations of messages one `handle` may raise before it is called a loop."""

    def __init__(self) -> None:
        self._listeners: dict[type[Message], list[Handler]] = {}

    def scan(self, *modules: str) -> None:
        """Register the marked handlers of modules, and of all modules below packages."""
        for module in modules:
            scan(module, self.add_listener)

    def add_listener(self, message_type: type[Message], handler: Handler) -> None:
        """Register a handler; a command has one, an event as many as care for it."""
        listeners = self._listeners.setdefault(message_type, [])
        if handler in listeners:
            return
        if listeners and issubclass(message_type, Command):
            known = listeners[0]
            raise ConfigurationError(
                f"{handler.__qualname__} is a second handler for {message_type.__qualname__}, "
                f"after {known.__qualname__}; a command has one handler, which answers it: "
                "remove one, or raise an event for the other."
            )
        listeners.append(handler)

    @overload
    def handle(
        self, command: Command[TResult], transaction: AsyncAbstractUnitOfWork
    ) -> Coroutine[Any, Any, TResult]: ...

    @overload
    def handle(
        self, command: Event, transaction: AsyncAbstractUnitOfWork
    ) -> Coroutine[Any, Any, None]: ...

    def handle(
        self, command: Message, transaction: AsyncAbstractUnitOfWork
    ) -> Coroutine[Any, Any, Any]:
        """Handle a command, or an event, and all that it gives rise to; breadth first.

        Returns what the command's handler returns, None for an event. Raises
        `UnhandledCommandError`, `MessageLoopError` and whatever a handler raises.
        """
        return self._run(command, transaction)

    async def _run(self, first: Message, transaction: AsyncAbstractUnitOfWork) -> Any:
        """Handle a message, then those that it gave rise to, generation by generation."""
        answer = None
        raised = [first]
        generations: list[list[Message]] = []
        while raised:
            self._begin_generation(generations, raised)
            generation, raised = raised, []
            for message in generation:
                for handler in self._listeners_of(message):
                    output = await handler(message, transaction)
                    if message is first:
                        answer = output
                    raised += transaction.collect_messages()
                await transaction.eventstore.add(message)
        return answer

    def _begin_generation(self, generations: list[list[Message]], raised: list[Message]) -> None:
        if len(generations) > self.max_generations:
            latest = [*generations[len(generations) // 2 :], raised]
            names = sorted({type(message).__qualname__ for each in latest for message in each})
            raise MessageLoopError(
                f"{', '.join(names)}: messages raised one another for more than "
                f"{self.max_generations} generations, which looks endless; let a handler stop "
                "raising, or raise max_generations of the bus."
            )
        generations.append(raised)

    def _listeners_of(self, message: Message) -> list[Handler]:
        listeners = self._listeners.get(type(message))
        if listeners is None:
            self._raise_if_unhandled(message)
            return []
        return listeners

    def _raise_if_unhandled(self, message: Message) -> None:
        if isinstance(message, Command):
            raise UnhandledCommandError(
                f"{type(message).__qualname__} has no handler; a command has exactly one, "
                "found by its exact class: scan its module."
            )
