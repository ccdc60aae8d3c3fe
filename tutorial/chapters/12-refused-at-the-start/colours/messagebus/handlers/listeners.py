"""Handlers: what the bus learns of one when it is registered, and what it rejects."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from messagebus.errors import ConfigurationError

Handler = Callable[..., Any]

_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)


@dataclass(frozen=True, slots=True)
class Listener:
    """A handler, and what the bus learnt of it when it was registered."""

    handler: Handler
    answers: bool
    names: tuple[str, ...]
    required: tuple[str, ...]


def make_listener(handler: Handler, *, answers: bool) -> Listener:
    """Inspect a handler; raise `ConfigurationError` where the bus could not call it."""
    is_coroutine = inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(
        type(handler).__call__
    )
    if not is_coroutine:
        raise ConfigurationError(
            f"{describe(handler)} is a plain function; a handler is a coroutine function: "
            "write async def."
        )
    if inspect.isgeneratorfunction(handler) or inspect.isasyncgenfunction(handler):
        raise ConfigurationError(
            f"{describe(handler)} is a generator; the bus does not iterate over it, so its "
            "body would never run: write a function that returns."
        )
    parameters = list(inspect.signature(handler).parameters.values())
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    if len(parameters) < 2 or any(each.kind not in positional for each in parameters[:2]):
        raise ConfigurationError(
            f"{describe(handler)} does not take two positional parameters; a handler is called "
            "with the message and the transaction: write them first, dependencies behind them."
        )
    dependencies = [each for each in parameters[2:] if each.kind not in _VARIADIC]
    for each in dependencies:
        if each.kind is inspect.Parameter.POSITIONAL_ONLY:
            raise ConfigurationError(
                f"{describe(handler)}: {each.name} is positional only; dependencies are "
                "given by name: move it behind the /."
            )
    return Listener(
        handler,
        answers,
        names=tuple(each.name for each in dependencies),
        required=tuple(each.name for each in dependencies if each.default is each.empty),
    )


def describe(handler: Handler) -> str:
    """Name a handler by its module and function."""
    function = _function(handler)
    return f"{getattr(function, '__module__', '?')}.{getattr(function, '__qualname__', function)}"


def _function(handler: Any) -> Any:
    """Find the plain function inside partials, decorated functions, methods and callables."""
    while inner := getattr(handler, "__wrapped__", None) or getattr(handler, "func", None):
        handler = inner
    if not inspect.isroutine(handler) and not isinstance(handler, type):
        handler = type(handler).__call__
    return getattr(handler, "__func__", handler)
