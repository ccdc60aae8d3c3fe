"""Listeners: which handler listens to which messages, and how modules are scanned for them."""

import functools
import importlib
import inspect
import typing
from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType, SimpleNamespace, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from typing_extensions import Format, get_annotations

from messagebus.errors import ConfigurationError
from messagebus.messages import (
    Command,
    Event,
    GenericCommand,
    GenericEvent,
    Message,
)

Handler = Callable[..., Any]
THandler = TypeVar("THandler", bound=Handler)

_VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_BASES = (Message, Command, Event, GenericCommand, GenericEvent)


def async_listen(handler: THandler) -> THandler:
    """Mark a coroutine function as a handler, for `AsyncMessageBus.scan` to find.

    The annotation of its first parameter says what it listens to: a message class, or a
    union of several.
    """
    return _mark(handler, "messagebus.async")


def sync_listen(handler: THandler) -> THandler:
    """Mark a plain function as a handler, for `SyncMessageBus.scan` to find.

    The annotation of its first parameter says what it listens to: a message class, or a
    union of several.
    """
    return _mark(handler, "messagebus.sync")


def _mark(handler: THandler, category: str) -> THandler:
    import venusian

    def register(scanner: Any, name: str, marked: Handler) -> None:
        scanner.found(marked)

    venusian.attach(handler, register, category=category, depth=2)
    return handler


def scan(module: str | ModuleType, category: str, found: Callable[[Handler], None]) -> None:
    """Import a module, or a package and all below it, and report each marked handler."""
    import venusian

    if isinstance(module, str):
        try:
            module = importlib.import_module(module)
        except ModuleNotFoundError as error:
            if error.name is None or not f"{module}.".startswith(f"{error.name}."):
                raise
            raise ConfigurationError(
                f"scan({module!r}): there is no module {error.name!r}; scan takes modules, "
                "or their full dotted names: check the spelling and the import path."
            ) from error
    venusian.Scanner(found=found).scan(module, categories=[category])


@dataclass(frozen=True, slots=True)
class Listener:
    """A handler, and what the bus learnt of it when it was registered."""

    handler: Handler
    answers: bool
    names: tuple[str, ...]
    required: tuple[str, ...]


def make_listener(handler: Handler, *, awaits: bool, answers: bool) -> Listener:
    """Inspect a handler; raise `ConfigurationError` where the bus could not call it."""
    wanted, twin = ("a coroutine function", "a plain function")
    is_coroutine = inspect.iscoroutinefunction(handler) or inspect.iscoroutinefunction(
        type(handler).__call__
    )
    if is_coroutine is not awaits:
        if not awaits:
            wanted, twin = twin, wanted
        raise ConfigurationError(
            f"{describe(handler)} is {twin}; a handler of the "
            f"{'async' if awaits else 'sync'} bus is {wanted}: "
            f"{'write async def' if awaits else 'write def'}, or use the other bus."
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


def listened_types(handler: Handler, **known: Any) -> tuple[type[Message[Any]], ...]:
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


def refuse_base(handler: Handler, message_type: type[Message[Any]]) -> None:
    """Raise where a handler would listen to a class that no message is an instance of."""
    origin = message_type.__pydantic_generic_metadata__["origin"] or message_type
    if origin in _BASES:
        raise ConfigurationError(
            f"{describe(handler)} listens to {message_type.__name__}; messages are dispatched "
            "by their exact class, so it would never run: name the concrete messages, "
            "several of them as a union."
        )


def describe(handler: Handler) -> str:
    """Name a handler by its module and function."""
    function = _function(handler)
    return f"{function.__module__}.{getattr(function, '__qualname__', repr(function))}"


def _function(handler: Any) -> Any:
    """Find the plain function inside partials, decorated functions, methods and callables."""
    while isinstance(handler, functools.partial):
        handler = handler.func
    handler = inspect.unwrap(handler)
    if not inspect.isroutine(handler) and not isinstance(handler, type):
        handler = type(handler).__call__
    return getattr(handler, "__func__", handler)
