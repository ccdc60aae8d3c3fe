"""The handlers of each message class: marked ones, found by scanning, or added one by one."""

import importlib
import warnings
from types import ModuleType
from typing import Any
from weakref import WeakSet

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
    Metadata,
)

_BASES = (Message, Command, Event, GenericCommand, GenericEvent)


class Registry:
    """The listeners of a bus, by the exact class of message."""

    def __init__(self) -> None:
        self.listeners: dict[type[Message], list[Listener]] = {}
        self._unheard: WeakSet[type[Message]] = WeakSet()

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

        Raises `ConfigurationError` where the handler cannot be called by this bus, is
        annotated for other messages, or is the command's second handler.
        """
        annotated = listened_types(handler, **{message_type.__name__: message_type})
        if not issubclass(message_type, annotated):
            raise ConfigurationError(
                f"{describe(handler)} is annotated for "
                f"{', '.join(each.__name__ for each in annotated)}, but is added for "
                f"{message_type.__name__}; the annotation says what a handler can take: "
                "correct one of the two."
            )
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
        self._raise_if_same_type(message_type)
        self.listeners[message_type] = [*listeners, listener]
        self._unheard.clear()

    def _raise_if_same_type(self, message_type: type[Message]) -> None:
        metadata: Metadata = vars(message_type)["metadata"]
        for other in self.listeners:
            theirs: Metadata = vars(other)["metadata"]
            if (
                other is not message_type
                and (metadata.published and theirs.published)
                and metadata.stream_type == theirs.stream_type
            ):
                raise ConfigurationError(
                    f"{message_type.__module__}.{message_type.__qualname__} is published as "
                    f"{metadata.stream_type}, as is {other.__module__}."
                    f"{other.__qualname__}; readers of the stream tell messages by their type: "
                    "give one another name or schema_version."
                )

    def remove_listener(self, message_type: type[Message], handler: Handler) -> None:
        """Undo `add_listener`; raise `ConfigurationError` for what was never added."""
        listeners = self.listeners.get(message_type, [])
        kept = [each for each in listeners if each.handler != handler]
        if len(kept) == len(listeners):
            raise ConfigurationError(
                f"{describe(handler)} does not listen to {message_type.__qualname__}; only what "
                "was added can be removed: give the same class and the same function."
            )
        self._unheard.clear()
        if kept:
            self.listeners[message_type] = kept
        else:
            del self.listeners[message_type]

    def _warn_unheard(self, message_type: type[Message]) -> None:
        """Warn, once a class, where its type parameter alone keeps an event from a handler."""
        generic = message_type.__pydantic_generic_metadata__
        if not (generic["origin"] or generic["parameters"]) or message_type in self._unheard:
            return
        self._unheard.add(message_type)
        for each in self.listeners:
            if _differ_by_parameter(each, message_type):
                warnings.warn(
                    f"{message_type.__module__}.{message_type.__qualname__} has no handler, but "
                    f"{each.__qualname__} has; messages are dispatched by their exact class, the "
                    f"parameter included: listen to {message_type.__qualname__} as well.",
                    RuntimeWarning,
                    stacklevel=5,
                )


def _differ_by_parameter(one: type[Message], other: type[Message]) -> bool:
    """Whether two classes are one generic class, with parameters that may mean the same."""
    mine, theirs = one.__pydantic_generic_metadata__, other.__pydantic_generic_metadata__
    if (mine["origin"] or one) is not (theirs["origin"] or other):
        return False
    either_open = any(each["parameters"] or Any in each["args"] for each in (mine, theirs))
    return either_open or mine["args"] == theirs["args"]


def _raise_if_base(handler: Handler, message_type: type[Message]) -> None:
    """Raise where a handler would listen to a class that no message is an instance of."""
    origin = message_type.__pydantic_generic_metadata__["origin"] or message_type
    if origin in _BASES:
        raise ConfigurationError(
            f"{describe(handler)} listens to {message_type.__name__}; messages are dispatched "
            "by their exact class, so it would never run: name the concrete messages, "
            "several of them as a union."
        )
