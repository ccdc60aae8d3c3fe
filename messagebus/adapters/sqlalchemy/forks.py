"""A forked process must not use its parent's connections, whose sockets it has inherited."""

import os
from typing import Any, Protocol
from weakref import WeakSet

import sqlalchemy as sa


class HoldsConnections(Protocol):
    """An object that holds connections."""

    def forget(self) -> None:
        """Leave the connections to the parent of this process."""


_HOLDERS = WeakSet[HoldsConnections]()
_KEPT: list[Any] = []


def forget_in_child(holder: HoldsConnections) -> None:
    """Call `holder.forget()` in each process that is forked from this one."""
    _HOLDERS.add(holder)


def keep_for_parent(connections: object) -> None:
    """Keep connections until this process ends: deleting one would end the parent's session."""
    _KEPT.append(connections)


def leave_to_parent(engine: sa.Engine) -> None:
    """Give the engine a new pool in a child process; the parent goes on with the connections."""
    keep_for_parent(engine.pool)
    engine.dispose(close=False)


def _forget() -> None:
    for holder in [*_HOLDERS]:
        holder.forget()


os.register_at_fork(after_in_child=_forget)
