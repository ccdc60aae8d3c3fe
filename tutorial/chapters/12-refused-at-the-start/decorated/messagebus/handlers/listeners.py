"""Handlers: what the bus learns of one when it is registered, and what it rejects."""

import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace, UnionType
from typing import Any, Union, get_args, get_origin

from messagebus.errors import ConfigurationError
from messagebus.handlers.signatures import (
    POSITIONAL,
    VARIADIC,
    Annotation,
    innermost,
    is_coroutine_function,
    parameters,
)
from messagebus.messages import Message

Handler = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Listener:
    """A handler, and what the bus learnt of it when it was registered."""

    handler: Handler
    answers: bool
    names: tuple[str, ...]
    required: tuple[str, ...]


def make_listener(handler: Handler, *, answers: bool) -> Listener:
    """Inspect a handler; raise `ConfigurationError` where the bus could not call it."""
    if not is_coroutine_function(handler):
        raise ConfigurationError(
            f"{describe(handler)} is a plain function; a handler is a coroutine function: "
            "write async def."
        )
    if inspect.isgeneratorfunction(handler) or inspect.isasyncgenfunction(handler):
        raise ConfigurationError(
            f"{describe(handler)} is a generator; the bus does not iterate over it, so its "
            "body would never run: write a function that returns."
        )
    taken = _parameters(handler)
    if len(taken) < 2 or any(each.kind not in POSITIONAL for each in taken[:2]):
        raise ConfigurationError(
            f"{describe(handler)} does not take two positional parameters; a handler is called "
            "with the message and the transaction: write them first, dependencies behind them."
        )
    dependencies = [each for each in taken[2:] if each.kind not in VARIADIC]
    for each in dependencies:
        if each.kind is each.POSITIONAL_ONLY:
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


def listened_types(handler: Handler, **known: Any) -> tuple[type[Message], ...]:
    """Return the message classes that a handler's first parameter names.

    Only this annotation is evaluated; the others may be for type checkers alone.
    """
    first = next(iter(_parameters(handler)), None)
    if first is None or first.annotation is first.empty:
        raise ConfigurationError(
            f"{describe(handler)}: its first parameter has no annotation; the annotation says "
            "which messages a handler listens to: annotate it with a message class."
        )
    name = first.name
    annotation: Annotation = first.annotation
    alone = SimpleNamespace(__annotations__={name: annotation.written})
    try:
        named = typing.get_type_hints(alone, annotation.names(), known)[name]
    except Exception as error:
        raise ConfigurationError(
            f"{describe(handler)}: the annotation of {name} cannot be evaluated ({error}); "
            "it says which messages the handler listens to: "
            "import the message class at the top of the module, outside of TYPE_CHECKING."
        ) from error
    types = get_args(named) if get_origin(named) in (Union, UnionType) else (named,)
    for each in types:
        if not (isinstance(each, type) and issubclass(each, Message)):
            raise ConfigurationError(
                f"{describe(handler)}: {name} is annotated with {each!r}, which is no message; "
                "a handler listens to subclasses of Command or Event, or to a union of them: "
                "annotate its first parameter so."
            )
    return types


def _parameters(handler: Handler) -> list[inspect.Parameter]:
    require_callable(handler)
    try:
        return parameters(handler)
    except Exception as error:
        raise ConfigurationError(
            f"{describe(handler)} does not say what it can be called with ({error}); the bus "
            "asks a handler for its parameters: write a function around it."
        ) from error


def require_callable(handler: object) -> None:
    """Raise `ConfigurationError` where a handler cannot be called, or has any attribute."""
    kind = f"an object of {type(handler).__module__}.{type(handler).__qualname__}"
    if not callable(handler):
        raise ConfigurationError(
            f"{kind} is given as a handler; the bus calls it: give a function."
        )
    if answers_everything(handler):
        raise ConfigurationError(
            f"{kind} is given as a handler; it has whatever attribute it is asked for, so the bus "
            "cannot ask it what it listens to: write a function, which may call it."
        )


def answers_everything(value: object) -> bool:
    """Whether an object has whatever attribute it is asked for, as a mock or a remote proxy has."""
    try:
        return hasattr(value, "no_handler_has_this_attribute")
    except Exception:  # a proxy that cannot be asked here
        return True


def describe(handler: Handler) -> str:
    """Name a handler by its module and function."""
    function = innermost(handler)
    name = getattr(function, "__qualname__", None)
    module = getattr(function, "__module__", None)
    if not isinstance(name, str):
        return f"an object of {type(function).__module__}.{type(function).__qualname__}"
    return f"{module}.{name}" if isinstance(module, str) else name
