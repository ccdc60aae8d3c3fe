"""Marked handlers, and how modules are scanned for them."""

import importlib
import inspect
import typing
from collections.abc import Callable
from typing import Any, TypeVar

import venusian

from messagebus.errors import ConfigurationError
from messagebus.messages import Message

Handler = Callable[..., Any]
THandler = TypeVar("THandler", bound=Handler)
CATEGORY = "messagebus.async"


def async_listen(handler: THandler) -> THandler:
    """Mark a coroutine function as a handler, for `AsyncMessageBus.scan` to find."""

    def register(scanner: Any, name: str, marked: Handler) -> None:
        scanner.found(listened_type(marked), marked)

    venusian.attach(handler, register, category=CATEGORY)
    return handler


def scan(module: str, found: Callable[[type[Message], Handler], None]) -> None:
    """Import a module, or a package and all below it, and report each marked handler."""
    scanner = venusian.Scanner(found=found)
    scanner.scan(importlib.import_module(module), categories=[CATEGORY])


def listened_type(handler: Handler) -> type[Message]:
    """Return the message class that annotates a handler's first parameter."""
    first = next(iter(inspect.signature(handler).parameters))
    named = typing.get_type_hints(handler).get(first)
    if not (isinstance(named, type) and issubclass(named, Message)):
        raise ConfigurationError(
            f"{handler.__module__}.{handler.__qualname__}: {first} is annotated with {named!r}; "
            "a handler's first parameter says which message it listens to: "
            "annotate it with a message class."
        )
    return named
