"""One relay at a time for an SQLite file: a lock on a file beside it, which falls with its process.

The lock belongs to the file, and other relays find it by its name. So both are compared each time.
"""

import contextlib
import errno
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from glob import escape
from pathlib import Path

from filelock import BaseFileLock, FileLock, Timeout

from messagebus.adapters.sqlalchemy.errors import DatabaseUnavailableError
from messagebus.errors import ConfigurationError
from messagebus.relay.outbox import AsyncAbstractLeader, Shard

_log = logging.getLogger(__name__)
_NOT_ALLOWED = (errno.EACCES, errno.EPERM, errno.EROFS)


class FileLockLeader(AsyncAbstractLeader):
    """The seat as a lock on a file, for relays of one machine.

    The lock holds for the file, not for its name: a leader whose lock file was deleted or replaced
    leads no more, and takes the seat anew if it is free.
    """

    def __init__(
        self,
        path: str | Path,
        rivals: Callable[[], Iterable[str | Path]] = tuple,
        *,
        database: str | Path | None = None,
    ) -> None:
        """Lock the file at `path`; `rivals` names those that must not be locked meanwhile.

        `database` is the file of the outbox: where another one has its name, nobody leads by this.
        """
        self._path = Path(path)
        self._lock = FileLock(path, thread_local=False)
        self._file: tuple[int, int] | None = None
        self._rivals = rivals
        self._database = None if database is None else Path(database)
        self._outbox: tuple[int, int] | None = None

    async def lead(self) -> bool:
        """Take the seat if it is free; of two rivals that come at once, neither may have it.

        Raises `DatabaseUnavailableError` where the database's file was moved or replaced, and
        where this user can't lock.
        """
        try:
            self._see_that_the_outbox_is_the_same()
            return self._keep() or self._take()
        except OSError as error:
            self._lock.release()
            raise DatabaseUnavailableError(
                f"{self._path} can't be locked: {error}; one relay at a time sends, by a lock on "
                "this file beside the database: let the relay's user write both and their folder."
            ) from error
        except BaseException:
            self._lock.release()
            raise

    async def resign(self) -> None:
        """Leave the seat."""
        self._lock.release()

    async def holder(self) -> str | None:
        """Whether somebody has the seat; a file does not know who. It is taken for a moment.

        No lock file is made for this, and where this user may not lock one, nobody knows.
        """
        if self._keep():
            return "this process"
        own = [] if _identity(self._path) is None else [self._path]
        try:
            return "a process of this machine" if any(map(_held, [*own, *self._rivals()])) else None
        except OSError as error:
            if error.errno not in _NOT_ALLOWED:
                raise
            return f"not known: this user may not lock {error.filename}"

    def _keep(self) -> bool:
        """Whether the file that is locked still has its name; let it go otherwise."""
        if self._lock.is_locked and _identity(self._path) != self._file:
            _log.warning("%s was deleted or replaced: its leader leads no more", self._path)
            self._lock.release()
        return self._lock.is_locked

    def _take(self) -> bool:
        if _identity(self._path) is None:
            self._path.touch()
        self._file = _identity(self._path)
        # Rivals are looked for last: of two at once, at least the later one finds the other's lock.
        if _taken(self._lock) and (
            _identity(self._path) != self._file or any(map(_held, self._rivals()))
        ):
            self._lock.release()
        return self._lock.is_locked

    def _see_that_the_outbox_is_the_same(self) -> None:
        if self._database is None:
            return
        found = _identity(self._database)
        if self._outbox is None:
            self._outbox = found
        elif found != self._outbox:
            raise DatabaseUnavailableError(
                f"{self._database} was moved or replaced while a relay sent from it, and its "
                "connections still read the earlier file. Put that file back, or start the relay "
                "anew."
            )


def conflicting_locks(file: Path, name: str, shard: Shard) -> Iterator[Path]:
    """The locks of relays that would send the same keys.

    They have divided the outbox otherwise, or opened its file by another of its names here.
    """
    for each in _names(file):
        beside = f"{each.name}-{name}"
        for lock in file.parent.glob(f"{escape(beside)}-*-of-*.lock"):
            named = lock.name.removeprefix(f"{beside}-").removesuffix(".lock")
            try:
                other = Shard(*map(int, named.split("-of-")))
            except (ValueError, TypeError, ConfigurationError):
                continue  # Somebody else's file.
            own = each == file and other == shard
            if not own and not {*shard.slots}.isdisjoint(other.slots):
                yield lock


def _names(file: Path) -> Iterator[Path]:
    """The file's hard links in its folder; itself first."""
    yield file
    with contextlib.suppress(FileNotFoundError):
        found = file.stat()
        if found.st_nlink > 1:
            with os.scandir(file.parent) as entries:
                for entry in entries:
                    if entry.inode() == found.st_ino and entry.name != file.name:
                        yield Path(entry.path)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _taken(lock: BaseFileLock) -> bool:
    with contextlib.suppress(Timeout):
        lock.acquire(blocking=False)
    return lock.is_locked


def _held(path: str | Path) -> bool:
    """Whether somebody has locked the file; who looks has it for a moment."""
    lock = FileLock(path)
    free = _taken(lock)
    lock.release()
    return not free
