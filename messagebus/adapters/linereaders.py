"""Reads a file of lines from a consumer's position on, then each file that takes its name.

A position is valid only if the file still has the line in front of it. All functions here block.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from pydantic import TypeAdapter, ValidationError

from messagebus.adapters.linefiles import (
    LONGEST_LINE,
    LONGEST_NAME,
    FileIdentity,
    draft_of,
    identity_of,
    names_in_order,
    replace_file,
    writers_lock,
)
from messagebus.errors import ConfigurationError
from messagebus.relay.stream import LostPositionError

_READ_AT_ONCE = 1 << 18
_COMPARED = 1 << 12
"""The number of bytes in front of a position whose digest identifies its file."""


@dataclass(frozen=True, slots=True)
class LinePosition:
    """The first byte of a line, and the identity of its file with a digest of the bytes before."""

    byte: int
    file: FileIdentity
    compared: int
    sha256: str

    def behind(self, line: bytes) -> "LinePosition":
        """The position at the end of the line that begins here."""
        end = line[-_COMPARED:]
        return LinePosition(self.byte + len(line), self.file, len(end), sha256(end).hexdigest())


_POSITIONS = TypeAdapter(LinePosition)
_NEWLINE = sha256(b"\n").hexdigest()


class PositionFile:
    """A consumer's position, in a small file beside the lines."""

    def __init__(self, path: Path, consumer: str) -> None:
        beside = f"{path.name}.{consumer}.position"
        valid = consumer.isprintable() and Path(consumer).name == consumer
        if not valid or not consumer or len(draft_of(beside).encode()) > LONGEST_NAME:
            raise ConfigurationError(
                f"{consumer!r} cannot name a consumer of {path}. The name is part of the name of "
                f"a file, which has at most {LONGEST_NAME} bytes. Leave out slashes and "
                "unprintable characters."
            )
        self.path = path.with_name(beside)
        self.consumer = consumer

    def load(self) -> LinePosition | None:
        """The position; `None` if this consumer is new."""
        try:
            content = self.path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            if content.isdigit():  # Earlier releases wrote the byte alone; a line ends before it.
                return LinePosition(int(content), FileIdentity(0, 0), 1, _NEWLINE)
            return _POSITIONS.validate_json(content)
        except (ValidationError, ValueError) as error:
            raise LostPositionError(
                f"{self.path} is torn and has no position of consumer {self.consumer!r}. Restore "
                "that file, or call begin_anew, which delivers each line again."
            ) from error

    def store(self, position: LinePosition) -> None:
        """Store the position and wait for the disk."""
        replace_file(self.path, _POSITIONS.dump_json(position).decode())

    def forget(self) -> None:
        """Delete the position; raise `ConfigurationError` if the consumer is unknown."""
        self.check_known()
        self.path.unlink()

    def check_known(self) -> None:
        """Raise `ConfigurationError` if no such consumer has read from the file."""
        if not self.path.exists():
            raise ConfigurationError(
                f"there is no consumer {self.consumer!r}: {self.path} does not exist. Use the "
                "name with which consume is called."
            )


class LineFile:
    """One open file of lines, which stays the same when its name changes."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb", buffering=0)
        self.identity = identity_of(os.fstat(self._file.fileno()))
        self._unfinished: tuple[int, int] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._file.close()

    def start(self) -> LinePosition:
        """The position of the first line."""
        return LinePosition(0, self.identity, 0, sha256().hexdigest())

    def has(self, position: LinePosition) -> bool:
        """Whether this is the file of the position, or a copy with the same content before it."""
        if position.byte == 0:
            return position.file in (self.identity, FileIdentity(0, 0))
        if position.byte > os.fstat(self._file.fileno()).st_size:
            return False
        self._file.seek(max(0, position.byte - position.compared))
        return sha256(self._file.read(position.compared)).hexdigest() == position.sha256

    def lines(self, byte: int) -> Sequence[bytes]:
        """Some complete lines from a byte on; the start of a line that is longer than allowed."""
        here = byte, os.fstat(self._file.fileno()).st_size
        if here == self._unfinished:
            return []
        self._file.seek(byte)
        found = self._file.read(_READ_AT_ONCE)
        while b"\n" not in found and len(found) <= LONGEST_LINE:
            if not (more := self._file.read(max(_READ_AT_ONCE, len(found)))):
                self._unfinished = here
                return []
            found += more
        *complete, rest = found.split(b"\n")
        return [line + b"\n" for line in complete] or [rest]

    def line(self, byte: int) -> bytes | None:
        """The complete line at a byte, of any length; `None` if it has no newline."""
        self._file.seek(byte)
        line = b""
        while more := self._file.read(_READ_AT_ONCE):
            before, newline, _ = more.partition(b"\n")
            line += before + newline
            if newline:
                return line
        return None


class FoundLine(NamedTuple):
    """A line and the position at its end; `None` instead of a line if the next file begins."""

    line: bytes | None
    end: LinePosition


class LineFollower:
    """Reads line by line, and goes from a renamed file to the one that has its name now."""

    def __init__(self, path: Path, kept: PositionFile) -> None:
        self._path = path
        self._kept = kept
        self._file: LineFile | None = None
        self._position: LinePosition | None = None

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.__exit__(None, None, None)

    def read(self) -> Sequence[FoundLine]:
        """Some more lines, or none yet; raise `LostPositionError` if lines may be missing."""
        if self._file is None or self._position is None:
            if (started := self._begin()) is None:
                return []
            self._file, self._position = started
        file, position = self._file, self._position
        lines = file.lines(position.byte)
        if not file.has(position):  # After the read, since the file may be truncated meanwhile.
            raise self._lost("it was truncated")
        if not lines and self._renamed(file):
            with writers_lock(self._path):  # No writer still appends to the renamed file.
                lines = file.lines(position.byte)
            if not lines:
                return self._go_on_in_next(file)
        found: list[FoundLine] = []
        for line in lines:
            position = position.behind(line)
            found.append(FoundLine(line, position))
        self._position = position
        return found

    def _begin(self) -> tuple[LineFile, LinePosition] | None:
        position = self._kept.load()
        try:
            file = LineFile(self._path)
        except FileNotFoundError:
            if position is not None:
                raise self._lost("it is gone") from None
            return None
        if position is None:
            self._kept.store(file.start())
            return file, file.start()
        if not file.has(position):
            file.__exit__(None, None, None)
            raise self._lost("it is shorter, or another file")
        return file, replace(position, file=file.identity)

    def _renamed(self, file: LineFile) -> bool:
        try:
            return identity_of(self._path.stat()) != file.identity
        except FileNotFoundError:
            return False

    def _go_on_in_next(self, file: LineFile) -> Sequence[FoundLine]:
        names = names_in_order(self._path)
        try:
            following = LineFile(self._path)
        except FileNotFoundError:
            return []
        if file.identity in names:
            last = len(names) - names[::-1].index(file.identity)
            if names[last:] and names[last] != following.identity:
                following.__exit__(None, None, None)
                raise self._lost("a file that had its name in between was not read")
        self.close()
        self._file, self._position = following, following.start()
        return [FoundLine(None, self._position)]

    def _lost(self, why: str) -> LostPositionError:
        position = self._position or self._kept.load()
        byte = position.byte if position else 0
        return LostPositionError(
            f"{self._path} is not the file that consumer {self._kept.consumer!r} has read up to "
            f"byte {byte}: {why}. Lines may be missing in between. Restore the earlier file, or "
            "call begin_anew to read this one from its first line."
        )
