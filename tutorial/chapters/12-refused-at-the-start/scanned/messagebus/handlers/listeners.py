"""Handlers: what the bus learns of one when it is registered, and what it rejects."""

import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace, UnionType
from typing import Any, Union, get_args, get_origin

from typing_extensions import Format, get_annotations

from messagebus.errors import ConfigurationError
from messagebus.messages import Message

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


def listened_types(handler: Handler, **known: Any) -> tuple[type[Message], ...]:
    """Return the message classes that a handler's first parameter names.

    Only this annotation is evaluated; the others may be for type checkers alone.
    """
    function = _function(handler)
    name = next(iter(inspect.signature(handler).parameters), None)
    annotations = get_annotations(function, format=Format.FORWARDREF)
    if name is None or name not in annotations:
        raise ConfigurationError(
            f"{describe(handler)}: its first parameter has no annotation; the annotation says "
            "which messages a handler listens to: annotate it with a message class."
        )
    first = SimpleNamespace(__annotations__={name: annotations[name]})
    try:
        named = typing.get_type_hints(first, getattr(function, "__globals__", {}), known)[name]
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


def answers_everything(value: object) -> bool:
    """Whether an object has whatever attribute it is asked for, as a mock or a remote proxy has."""
    try:
        return hasattr(value, "no_handler_has_this_attribute")
    except Exception:  # a proxy that cannot be asked here
        return True


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
