"""What a child process must not touch: its parent's connections, whose sockets it has inherited."""

import os
from typing import Any, Protocol
from weakref import WeakSet


class Forgets(Protocol):
    """Something that holds connections."""

    def forget(self) -> None:
        """Leave them to the parent."""


_HOLDERS = WeakSet[Forgets]()
_KEPT: list[Any] = []


def forget_in_child(holder: Forgets) -> None:
    """Let it forget its connections in every process that is forked from this one."""
    _HOLDERS.add(holder)


def keep_for_parent(connections: object) -> None:
    """Keep them as long as this process lives: what is deleted says good-bye to the server."""
    _KEPT.append(connections)


def _forget() -> None:
    for holder in [*_HOLDERS]:
        holder.forget()


os.register_at_fork(after_in_child=_forget)
