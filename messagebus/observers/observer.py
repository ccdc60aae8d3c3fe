"""The port of an observer, such as one for logs, spans or metrics."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from types import TracebackType
from typing import Any, NamedTuple

from messagebus.messages import Message


class Trail(NamedTuple):
    """A message's id, and how it came to be."""

    message_id: str
    correlation_id: str
    """What all consequences of one command share: what the event store says, or that one's id."""

    causation_id: str | None
    """The message in whose handler this one was raised; `None` for what came from outside."""


class Observer:
    """Watches the bus and its transactions; override the methods for what is to be watched.

    Each returns a context manager, which is entered before the step and left after it. An error
    of the step passes through. An error of the observer itself fails the step.
    """

    def transaction(self, unit_of_work: str) -> AbstractContextManager[object]:
        """Watch a transaction of a unit of work, known by its class, from beginning to end.

        An error of its block does not pass through: those of its parts do.
        """
        return nullcontext()

    def handle(self, message: Message[Any], trail: Trail) -> AbstractContextManager[object]:
        """Watch a whole `handle`: a command, and all that it gives rise to."""
        return nullcontext()

    def handler(
        self, message: Message[Any], trail: Trail, name: str
    ) -> AbstractContextManager[object]:
        """Watch one handler of one message; `name` is that of its module and function."""
        return nullcontext()

    def commit(self, unit_of_work: str) -> AbstractContextManager[object]:
        """Watch the commit of a unit of work."""
        return nullcontext()

    def rollback(self, unit_of_work: str) -> AbstractContextManager[object]:
        """Watch the rollback of a unit of work."""
        return nullcontext()

    def traceparent(self) -> str | None:
        """The running span, as W3C Trace Context writes it, to be kept with the messages."""
        return None

    def tracestate(self) -> str | None:
        """What vendors say of that span, as W3C Trace Context writes it, in 512 characters."""
        return None


Watch = Callable[..., AbstractContextManager[object]]


def watches(
    observers: Sequence[Observer], what: str, base: type[Observer] = Observer
) -> Sequence[Watch]:
    """Return the methods of this name, of those observers that override it."""
    nothing = getattr(base, what)
    return [getattr(each, what) for each in observers if getattr(type(each), what) is not nothing]


class Nested:
    """One context manager within another: an `ExitStack` takes three times as long."""

    __slots__ = ("_inner", "_outer")

    def __init__(
        self, outer: AbstractContextManager[object], inner: AbstractContextManager[object]
    ) -> None:
        self._outer = outer
        self._inner = inner

    def __enter__(self) -> None:
        self._outer.__enter__()
        try:
            self._inner.__enter__()
        except BaseException as error:
            self._outer.__exit__(type(error), error, error.__traceback__)
            raise

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            self._inner.__exit__(exc_type, exc, traceback)
        finally:
            self._outer.__exit__(exc_type, exc, traceback)


def around(watches: Sequence[Watch], *what: Any) -> AbstractContextManager[object]:
    """Return one context manager of all, the first of them outermost."""
    if not watches:
        return nullcontext()
    first, *others = watches
    watching = first(*what)
    for each in others:
        watching = Nested(watching, each(*what))
    return watching
