"""A unit of work whose transaction, commit and rollback are watched."""

import functools
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from types import new_class
from typing import Any, TypeVar

from messagebus.telemetry.observer import Observer, watch_all
from messagebus.unit_of_work import AsyncAbstractUnitOfWork, SyncAbstractUnitOfWork

TUnitOfWork = TypeVar(
    "TUnitOfWork", bound=AsyncAbstractUnitOfWork[Any] | SyncAbstractUnitOfWork[Any]
)
Step = Callable[..., Any]
Watch = Callable[[str], AbstractContextManager[object]]


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
        "current_transaction": _current_transaction([each.transaction for each in observers]),
        "commit": step(kind.commit, [each.commit for each in observers]),
        "rollback": step(kind.rollback, [each.rollback for each in observers]),
    }
    return new_class(kind.__name__, (kind,), exec_body=lambda names: names.update(body))


def _current_transaction(watches: Sequence[Watch]) -> property:
    """The attribute by which a unit of work learns that its transaction begins, and is over."""

    def get(self: Any) -> Any:
        return vars(self).get("tx_current")

    def set_(self: Any, transaction: object) -> None:
        watching: ExitStack | None = vars(self).pop("tx_watching", None)
        if watching is not None:
            watching.close()
        self.tx_current = transaction
        if transaction is not None:
            self.tx_watching = _around(self, watches)

    return property(get, set_)


def _awaiting(step: Step, watches: Sequence[Watch]) -> Step:
    @functools.wraps(step)
    async def watched(self: object) -> None:
        with _around(self, watches):
            await step(self)

    return watched


def _blocking(step: Step, watches: Sequence[Watch]) -> Step:
    @functools.wraps(step)
    def watched(self: object) -> Any:
        with _around(self, watches):
            return step(self)

    return watched


def _around(uow: object, watches: Sequence[Watch]) -> ExitStack:
    name = type(uow).__qualname__
    return watch_all(watch(name) for watch in watches)
