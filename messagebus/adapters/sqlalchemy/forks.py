"""What a child process must not touch: its parent's connections, whose sockets it has inherited."""

import os
from pathlib import Path
from typing import Any, Protocol
from weakref import WeakSet

import sqlalchemy as sa
from sqlalchemy import event

from messagebus.errors import ConfigurationError


class Forgets(Protocol):
    """Something that holds connections."""

    def forget(self) -> None:
        """Leave them to the parent."""


_HOLDERS = WeakSet[Forgets]()
_KEPT: list[Any] = []
_INHERITED = set[tuple[int, int]]()
"""The SQLite files that were open when this process was forked."""


def forget_in_child(holder: Forgets) -> None:
    """Let it forget its connections in every process that is forked from this one."""
    _HOLDERS.add(holder)


def keep_for_parent(connections: object) -> None:
    """Keep them as long as this process lives: what is deleted says good-bye to the server."""
    _KEPT.append(connections)


def leave_to_parent(engine: sa.Engine) -> None:
    """Give the engine a new pool in a child process; the parent goes on with the connections."""
    keep_for_parent(engine.pool)
    engine.dispose(close=False)


class InheritedLocks:
    """Refuses to open an SQLite file in a process whose parent had it open at the fork.

    SQLite notes in its memory which locks its process has. A child inherits the note and not the
    locks: the parent then deletes the write-ahead log in which the child commits.
    """

    def __init__(self, engine: sa.Engine) -> None:
        self._engine = engine
        self._path = Path(str(engine.url.database))
        self._open = 0
        event.listen(engine, "do_connect", self._connecting)
        event.listen(engine, "connect", self._connected)
        event.listen(engine, "close", self._closed)
        forget_in_child(self)

    def forget(self) -> None:
        """Note the file in the child, and leave the connections to the parent."""
        leave_to_parent(self._engine)
        if self._open and (file := self._identity()):
            _INHERITED.add(file)

    def _connecting(self, *_: object) -> None:
        if _INHERITED and self._identity() in _INHERITED:
            raise ConfigurationError(
                f"{self._path} was open in the parent of this process when it forked. SQLite's "
                "locks don't outlive a fork, so what this process commits could be lost. Close "
                "the database before the fork, or start the process by spawn."
            )

    def _connected(self, *_: object) -> None:
        self._open += 1

    def _closed(self, *_: object) -> None:
        self._open -= 1

    def _identity(self) -> tuple[int, int] | None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return found.st_dev, found.st_ino


def _forget() -> None:
    for holder in [*_HOLDERS]:
        holder.forget()


os.register_at_fork(after_in_child=_forget)
