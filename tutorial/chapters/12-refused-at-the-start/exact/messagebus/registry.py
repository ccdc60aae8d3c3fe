"""The handlers of each message class: marked ones, found by scanning, or added one by one."""

import importlib
from types import ModuleType

from messagebus.errors import ConfigurationError
from messagebus.handlers.listeners import (
    Handler,
    Listener,
    describe,
    listened_types,
    make_listener,
)
from messagebus.handlers.marks import marked
from messagebus.messages import (
    Command,
    Event,
    GenericCommand,
    GenericEvent,
    Message,
)

_BASES = (Message, Command, Event, GenericCommand, GenericEvent)


class Registry:
    """The listeners of a bus, by the exact class of message."""

    def __init__(self) -> None:
        self.listeners: dict[type[Message], list[Listener]] = {}

    def scan(self, *modules: str | ModuleType) -> None:
        """Register the marked handlers of modules, and of all modules below packages.

        Raises `ConfigurationError` with the module and function of a handler that breaks a
        rule. Scanning twice registers once.
        """
        for each in modules:
            top = importlib.import_module(each) if isinstance(each, str) else each
            handlers = marked(top)
            if not handlers:
                raise ConfigurationError(
                    f"{top.__name__} has no handler; what is scanned should have some: "
                    "mark them with async_listen, or scan the package that has them."
                )
            for handler in handlers:
                for message_type in listened_types(handler):
                    self._register(message_type, handler)

    def add_listener(self, message_type: type[Message], handler: Handler) -> None:
        """Register a handler for messages of exactly this class; once, however often added.

        Raises `ConfigurationError` where the handler cannot be called by this bus, or is
        the command's second handler.
        """
        self._register(message_type, handler)

    def _register(self, message_type: type[Message], handler: Handler) -> None:
        _raise_if_base(handler, message_type)
        listeners = self.listeners.get(message_type, [])
        if any(each.handler == handler for each in listeners):
            return
        is_command = issubclass(message_type, GenericCommand)
        listener = make_listener(handler, answers=is_command)
        if listeners and is_command:
            raise ConfigurationError(
                f"{describe(handler)} is a second handler for {message_type.__qualname__}, after "
                f"{describe(listeners[0].handler)}; a command has one handler, which answers it: "
                "remove one, or raise an event for the other."
            )
        self.listeners[message_type] = [*listeners, listener]

    def remove_listener(self, message_type: type[Message], handler: Handler) -> None:
        """Undo `add_listener`; raise `ConfigurationError` for what was never added."""
        listeners = self.listeners.get(message_type, [])
        kept = [each for each in listeners if each.handler != handler]
        if len(kept) == len(listeners):
            raise ConfigurationError(
                f"{describe(handler)} does not listen to {message_type.__qualname__}; only what "
                "was added can be removed: give the same class and the same function."
            )
        if kept:
            self.listeners[message_type] = kept
        else:
            del self.listeners[message_type]


def _raise_if_base(handler: Handler, message_type: type[Message]) -> None:
    """Raise where a handler would listen to a class that no message is an instance of."""
    origin = message_type.__pydantic_generic_metadata__["origin"] or message_type
    if origin in _BASES:
        raise ConfigurationError(
            f"{describe(handler)} listens to {message_type.__name__}; messages are dispatched "
            "by their exact class, so it would never run: name the concrete messages, "
            "several of them as a union."
        )
