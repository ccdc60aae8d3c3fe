"""The leader lock of an SQLite file's relays: a lock on a file beside it, held by a process.

The lock belongs to the file, but other relays find it by its name. So each call compares both.
"""

import contextlib
import errno
import logging
import os
from collections.abc import Callable, Iterable, Iterator
from glob import escape
from pathlib import Path

import sqlalchemy as sa
from filelock import BaseFileLock, FileLock, Timeout

from messagebus.adapters.sqlalchemy.errors import DatabaseUnavailableError
from messagebus.errors import ConfigurationError
from messagebus.relay.outbox import AsyncAbstractLeader, Shard

_log = logging.getLogger(__name__)
_NOT_ALLOWED = (errno.EACCES, errno.EPERM, errno.EROFS)


class FileLockLeader(AsyncAbstractLeader):
    """A leader lock as a lock on a file, for relays of one machine.

    The lock holds for the file, not for its name: a leader whose lock file was deleted or replaced
    has lost the lock, and acquires it again if it is free.
    """

    def __init__(
        self,
        path: str | Path,
        conflicting: Callable[[], Iterable[str | Path]] = tuple,
        *,
        database: str | Path | None = None,
    ) -> None:
        """Lock the file at `path`; `conflicting` names the files that must not be locked too.

        `database` is the outbox's file: if another file has its name, the lock isn't acquired.
        """
        self._path = Path(path)
        self._lock = FileLock(path, thread_local=False)
        self._locked_file: tuple[int, int] | None = None
        self._conflicting = conflicting
        self._database = None if database is None else Path(database)
        self._outbox: tuple[int, int] | None = None

    @classmethod
    def of_outbox(
        cls, engine: sa.Engine, table: sa.Table, shard: Shard, role: str = "relay"
    ) -> "FileLockLeader":
        """The lock of a shard of the outbox in `table`, beside the engine's file."""
        file = Path(str(engine.url.database)).resolve()
        name = f"{_name_of(engine, table)}-{role}"
        own = file.with_name(f"{file.name}-{name}-{shard.index}-of-{shard.count}.lock")
        return cls(own, lambda: conflicting_locks(file, name, shard), database=file)

    async def try_acquire(self) -> bool:
        """Acquire the lock if it is free; two conflicting calls at once may both fail.

        Raises `DatabaseUnavailableError` if the database's file was moved or replaced, or if this
        user can't lock a file.
        """
        try:
            self._raise_if_outbox_moved()
            return self._keep() or self._acquire()
        except OSError as error:
            self._lock.release()
            raise DatabaseUnavailableError(
                f"{self._path} can't be locked: {error}. A relay leads by a lock on this file "
                "beside the database. Let the relay's user write both files and their folder."
            ) from error
        except BaseException:
            self._lock.release()
            raise

    async def release(self) -> None:
        """Release the lock."""
        self._lock.release()

    async def holder(self) -> str | None:
        """A description of the process that holds the lock, as far as known; `None` if none does.

        The check locks each file for a moment, and creates none. The holder isn't known if this
        user may not lock a file.
        """
        if self._keep():
            return "this process"
        own = [] if _identity(self._path) is None else [self._path]
        try:
            held = any(map(_is_held, [*own, *self._conflicting()]))
            return "a process of this machine" if held else None
        except OSError as error:
            if error.errno not in _NOT_ALLOWED:
                raise
            return f"not known: this user may not lock {error.filename}"

    def _keep(self) -> bool:
        """Whether this leader holds the lock and its file still has its name; else release it."""
        if self._lock.is_locked and _identity(self._path) != self._locked_file:
            _log.warning("%s was deleted or replaced: its leader leads no more", self._path)
            self._lock.release()
        return self._lock.is_locked

    def _acquire(self) -> bool:
        if _identity(self._path) is None:
            self._path.touch()
        self._locked_file = _identity(self._path)
        # The check for conflicting locks comes last: of two relays, the later one finds the other.
        if _acquired(self._lock) and (
            _identity(self._path) != self._locked_file or any(map(_is_held, self._conflicting()))
        ):
            self._lock.release()
        return self._lock.is_locked

    def _raise_if_outbox_moved(self) -> None:
        if self._database is None:
            return
        identity = _identity(self._database)
        if self._outbox is None:
            self._outbox = identity
        elif identity != self._outbox:
            raise DatabaseUnavailableError(
                f"{self._database} was moved or replaced while a relay sent from it. The relay's "
                "connections still read the earlier file. Restore that file, or restart the relay."
            )


def conflicting_locks(file: Path, name: str, shard: Shard) -> Iterator[Path]:
    """The locks of relays that would send the same keys.

    Such relays have another shard count, or opened the outbox's file by another of its names.
    """
    for each in _names(file):
        beside = f"{each.name}-{name}"
        for lock in file.parent.glob(f"{escape(beside)}-*-of-*.lock"):
            numbers = lock.name.removeprefix(f"{beside}-").removesuffix(".lock")
            try:
                other = Shard(*map(int, numbers.split("-of-")))
            except (ValueError, TypeError, ConfigurationError):
                continue  # Another program's file.
            own = each == file and other == shard
            if not own and not {*shard.slots}.isdisjoint(other.slots):
                yield lock


def _name_of(engine: sa.Engine, table: sa.Table) -> str:
    """The table's name, with the schema to which the engine's options translate it."""
    schemas = engine.get_execution_options().get("schema_translate_map") or {}
    schema = schemas.get(table.schema, table.schema)
    return f"{schema}.{table.name}" if schema else table.name


def _names(file: Path) -> Iterator[Path]:
    """The file, then its other hard links in its folder."""
    yield file
    with contextlib.suppress(FileNotFoundError):
        stat = file.stat()
        if stat.st_nlink > 1:
            with os.scandir(file.parent) as entries:
                for entry in entries:
                    if entry.inode() == stat.st_ino and entry.name != file.name:
                        yield Path(entry.path)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        stat = path.stat()
    except FileNotFoundError:
        return None
    return stat.st_dev, stat.st_ino


def _acquired(lock: BaseFileLock) -> bool:
    with contextlib.suppress(Timeout):
        lock.acquire(blocking=False)
    return lock.is_locked


def _is_held(path: str | Path) -> bool:
    """Whether a process has locked the file; the check locks it for a moment."""
    lock = FileLock(path)
    free = _acquired(lock)
    lock.release()
    return not free
