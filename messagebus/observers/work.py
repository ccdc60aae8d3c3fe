"""The commit and the rollback of an observed unit of work."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

from messagebus.observers.observer import Watch, around, watches

Step = Callable[[], Any]


class ObservedWork:
    """`commit` and `rollback` of a unit of work, with observers around each."""

    def __init__(self, uow: Any, awaits: bool) -> None:
        watch = _awaiting if awaits else _blocking
        name = type(uow).__qualname__
        self.commit = watch(uow.commit, watches(uow.tx_observers, "commit"), name)
        self.rollback = watch(uow.rollback, watches(uow.tx_observers, "rollback"), name)


def _awaiting(step: Step, watching: Sequence[Watch], name: str) -> Step:
    @functools.wraps(step)
    async def observed() -> None:
        with around(watching, name):
            await step()

    return observed


def _blocking(step: Step, watching: Sequence[Watch], name: str) -> Step:
    @functools.wraps(step)
    def observed() -> Any:
        with around(watching, name):
            return step()

    return observed
