"""What a handler can be called with, through partials, methods, objects and decorators."""

import functools
import importlib
import inspect
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from inspect import Parameter
from types import BuiltinFunctionType, MethodType, MethodWrapperType
from typing import Any

POSITIONAL = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)
VARIADIC = (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
_UNWRAPPED = (BuiltinFunctionType, MethodWrapperType, type)
_LAYERS = 100


def _is_coroutine_function(handler: Any) -> bool:
    """What inspect says; until Python 3.13, only asyncio knows of every marked function."""
    module = inspect if sys.version_info >= (3, 13) else importlib.import_module("asyncio")
    return bool(module.iscoroutinefunction(handler))


@dataclass(frozen=True, slots=True)
class Annotation:
    """An annotation as it was written, and the callable in which it was."""

    written: Any
    owner: Any = field(compare=False)

    def names(self) -> dict[str, Any]:
        """Return what a name in it may stand for."""
        module = sys.modules.get(getattr(self.owner, "__module__", None) or "")
        own: Mapping[str, Any] = getattr(self.owner, "__globals__", {})
        return {**getattr(module, "__dict__", {}), **own}


def parameters(handler: Any, leading: int = 2, layers: int = _LAYERS) -> list[Parameter]:
    """Return the parameters that a caller can give; an annotation is an `Annotation`.

    What a partial has bound is left out. A decorated function is asked for its own parameters;
    what it takes as *args and **kwargs is what the function below the decorator takes. The
    `leading` ones are given by position. Raises ValueError or TypeError where there is no answer.
    """
    if not layers:
        raise ValueError(f"it wraps itself, or more than {_LAYERS} others")
    if isinstance(handler, functools.partial):
        below = parameters(handler.func, leading + len(handler.args), layers - 1)
        return _unbound(below, len(handler.args), handler.keywords)
    if isinstance(handler, MethodType):
        return _unbound(parameters(handler.__func__, leading + 1, layers - 1), 1, {})
    own = _own(handler, leading, layers)
    wrapped = getattr(handler, "__wrapped__", None)
    if wrapped is None:
        return own
    return _handed_on(own, parameters(wrapped, leading, layers - 1), leading)


def _own(handler: Any, leading: int, layers: int) -> list[Parameter]:
    is_unwrapped = inspect.isfunction(handler) or isinstance(handler, _UNWRAPPED)
    if not is_unwrapped and getattr(handler, "__signature__", None) is None:
        return parameters(handler.__call__, leading, layers - 1)
    return [
        each
        if each.annotation is each.empty
        else each.replace(annotation=Annotation(each.annotation, handler))
        for each in inspect.signature(handler, follow_wrapped=False).parameters.values()
    ]


def _unbound(below: list[Parameter], count: int, keywords: Mapping[str, Any]) -> list[Parameter]:
    """What is left to give where some is bound; behind a bound name, all are given by name."""
    positional = [each for each in below if each.kind in POSITIONAL][count:]
    left: list[Parameter] = []
    by_name = False
    for each in [*positional, *(each for each in below if each.kind not in POSITIONAL)]:
        if each.name in keywords:
            by_name = True
        elif by_name and each.kind is each.POSITIONAL_OR_KEYWORD:
            left.append(each.replace(kind=each.KEYWORD_ONLY))
        else:
            left.append(each)
    return left


def _handed_on(own: list[Parameter], wrapped: list[Parameter], leading: int) -> list[Parameter]:
    """What a wrapper takes, with what it hands on to the function that it wraps."""
    kinds = {each.kind for each in own}
    below = [each for each in wrapped if each.kind in POSITIONAL][:leading]
    positional = [each for each in own if each.kind in POSITIONAL]
    first, later = positional[:leading], positional[leading:]
    for place, (mine, theirs) in enumerate(zip(first, below, strict=False)):
        # functools.wraps copies the annotations, whose names are those of the wrapped one's module.
        if mine.annotation in (mine.empty, theirs.annotation):
            first[place] = mine.replace(annotation=theirs.annotation)
    if Parameter.VAR_POSITIONAL in kinds:
        first += below[len(first) :]
    named = [*later, *(each for each in own if each.kind is each.KEYWORD_ONLY)]
    names = {each.name for each in own}
    if Parameter.VAR_KEYWORD in kinds:
        named += [
            each if each.kind is each.POSITIONAL_ONLY else each.replace(kind=each.KEYWORD_ONLY)
            for each in wrapped
            if each not in below and each.kind not in VARIADIC and each.name not in names
        ]
    return [*first, *named]


def is_coroutine_function(handler: Any) -> bool:
    """Whether what a handler returns is to be awaited, be it a function, a partial or an object."""
    while isinstance(handler, functools.partial):
        handler = handler.func
    return _is_coroutine_function(handler) or _is_coroutine_function(type(handler).__call__)


def innermost(handler: Any) -> Any:
    """Find the function inside partials, methods, decorated functions and objects."""
    for _ in range(_LAYERS):
        if isinstance(handler, functools.partial):
            handler = handler.func
        elif isinstance(handler, MethodType):
            handler = handler.__func__
        elif (wrapped := _wrapped(handler)) is not None:
            handler = wrapped
        elif inspect.isroutine(handler) or isinstance(handler, type):
            break
        else:
            handler = type(handler).__call__
    return handler


def _wrapped(handler: Any) -> Any:
    try:
        return getattr(handler, "__wrapped__", None)
    except Exception:  # a proxy that cannot be asked here
        return None
