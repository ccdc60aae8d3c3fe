"""A unit of work whose transaction, commit and rollback are watched."""

import functools
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from types import new_class
from typing import Any, TypeVar

from messagebus.telemetry.observer import Observer, Watch, around, watches
from messagebus.unit_of_work import AsyncAbstractUnitOfWork, SyncAbstractUnitOfWork

TUnitOfWork = TypeVar(
    "TUnitOfWork", bound=AsyncAbstractUnitOfWork[Any] | SyncAbstractUnitOfWork[Any]
)
Step = Callable[..., Any]


def observed_unit_of_work(kind: type[TUnitOfWork], *observers: Observer) -> type[TUnitOfWork]:
    """The same class, derived, with observers around its transaction, commit and rollback.

    Without observers it is the class itself. Its name stays: errors say what they said.
    """
    if not observers:
        return kind
    step = _awaiting if issubclass(kind, AsyncAbstractUnitOfWork) else _blocking
    body = {
        "__module__": kind.__module__,
        "__qualname__": kind.__qualname__,
        "__doc__": kind.__doc__,
        "current_transaction": _current_transaction(watches(observers, "transaction")),
        "commit": step(kind.commit, watches(observers, "commit")),
        "rollback": step(kind.rollback, watches(observers, "rollback")),
    }
    return new_class(kind.__name__, (kind,), exec_body=lambda names: names.update(body))


def _current_transaction(watching: Sequence[Watch]) -> property:
    """The attribute by which a unit of work learns that its transaction begins, and is over."""

    def get(self: Any) -> Any:
        return vars(self).get("tx_current")

    def set_(self: Any, transaction: object) -> None:
        watched: AbstractContextManager[object] | None = vars(self).pop("tx_watched", None)
        if watched is not None:
            watched.__exit__(None, None, None)
        self.tx_current = transaction
        if transaction is not None and watching:
            self.tx_watched = around(watching, type(self).__qualname__)
            self.tx_watched.__enter__()

    return property(get, set_)


def _awaiting(step: Step, watching: Sequence[Watch]) -> Step:
    @functools.wraps(step)
    async def watched(self: object) -> None:
        with around(watching, type(self).__qualname__):
            await step(self)

    return watched


def _blocking(step: Step, watching: Sequence[Watch]) -> Step:
    @functools.wraps(step)
    def watched(self: object) -> Any:
        with around(watching, type(self).__qualname__):
            return step(self)

    return watched
