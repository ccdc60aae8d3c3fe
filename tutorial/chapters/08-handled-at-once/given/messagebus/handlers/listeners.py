"""Handlers: what the bus learns of one when it is registered."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Handler = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Listener:
    """A handler, and what the bus learnt of it when it was registered."""

    handler: Handler
    answers: bool
    names: tuple[str, ...]
    required: tuple[str, ...]


def make_listener(handler: Handler, *, answers: bool) -> Listener:
    """Look up which dependencies a handler asks for: its parameters behind the first two."""
    dependencies = list(inspect.signature(handler).parameters.values())[2:]
    return Listener(
        handler,
        answers,
        names=tuple(each.name for each in dependencies),
        required=tuple(each.name for each in dependencies if each.default is each.empty),
    )
