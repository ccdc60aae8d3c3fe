"""Marked handlers: how a function is marked, and how a scan finds it."""

import importlib
import pkgutil
import sys
from collections.abc import Iterator
from types import ModuleType
from typing import Any, TypeVar

from messagebus.errors import ConfigurationError
from messagebus.handlers.listeners import Handler, answers_everything, describe

THandler = TypeVar("THandler", bound=Handler)

CATEGORY = "messagebus.async"


def async_listen(handler: THandler) -> THandler:
    """Mark a coroutine function as a handler, for `AsyncMessageBus.scan` to find.

    The annotation of its first parameter says what it listens to: a message class, or a
    union of several.
    """
    import venusian

    around = getattr(handler, "__qualname__", "").rpartition(".")[0]
    if isinstance(handler, type) or (around and not around.endswith("<locals>")):
        raise ConfigurationError(
            f"{describe(handler)} is a {'class' if isinstance(handler, type) else 'method'}; "
            "a scan finds what stands in a module: "
            "write a function, or give a bound method to add_listener."
        )
    try:
        mark = venusian.attach(handler, _report, category=CATEGORY)
    except AttributeError as error:
        raise ConfigurationError(
            f"{describe(handler)} takes no attributes ({error}); a mark is one: "
            "write a function, or give it to add_listener."
        ) from error
    if vars(mark)["scope"] == "class":
        raise ConfigurationError(
            f"{describe(handler)} is marked inside a class; a scan finds what stands in a "
            "module: mark it there, or give it to add_listener."
        )
    return handler


def _report(scanner: Any, name: str, handler: Handler) -> None:
    """Tell the scanner what it found; what a callback raises, venusian may swallow."""
    scanner.report(handler)


def marked(top: ModuleType) -> list[Handler]:
    """Import all modules below a package, and return what is marked in the order of definition.

    venusian reports it by the alphabet, and passes over what was marked by another module's
    function, imported, or decorated above the mark. The mark is on all of them.
    """
    import venusian

    reported: list[Handler] = []
    scanner = venusian.Scanner(report=reported.append)
    scanner.scan(top, categories=[CATEGORY], ignore=_ignored)
    found = {id(handler) for handler in reported}
    defined = [value for module in _modules(top) for value in tuple(vars(module).values())]
    return [value for value in defined if id(value) in found or _carries(value)]


def _modules(module: ModuleType) -> Iterator[ModuleType]:
    """Import a package's modules, all the way down, in alphabetical order."""
    yield module
    for below in pkgutil.iter_modules(getattr(module, "__path__", ()), f"{module.__name__}."):
        if not below.name.endswith(".__main__"):
            yield from _modules(importlib.import_module(below.name))


def _ignored(name: str) -> bool:
    """Keep venusian from running a package's program, and from calling what has any attribute."""
    module, _, attribute = name.rpartition(".")
    value = getattr(sys.modules.get(module), "__dict__", {}).get(attribute)
    return (bool(module) and attribute == "__main__") or answers_everything(value)


def _carries(value: object) -> bool:
    try:
        return CATEGORY in vars(value)["__venusian_callbacks__"]
    except Exception:  # most things have no attributes, and a proxy may raise what it likes
        return False
