"""Reads a file of lines from a consumer's position on, then each file that takes its name.

A position is valid only if the file still has the line in front of it. All functions here block.
"""

import os
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from messagebus.adapters.linefiles import (
    LONGEST_LINE,
    FileIdentity,
    identity_of,
    names_in_order,
    writers_lock,
)
from messagebus.adapters.linepositions import LinePosition, PositionFile
from messagebus.relay.stream import LostPositionError

_READ_AT_ONCE = 1 << 18


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

    def count(self, byte: int) -> int:
        """The number of lines that end behind a byte."""
        self._file.seek(byte)
        count = 0
        while found := self._file.read(_READ_AT_ONCE):
            count += found.count(b"\n")
        return count

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


def lines_behind(path: Path, kept: PositionFile) -> int | None:
    """The number of whole lines behind a consumer's position; `None` if its file was replaced."""
    position = kept.load()
    try:
        file = LineFile(path)
    except FileNotFoundError:
        return 0 if position is None else None
    with file:
        position = position or file.start()
        return file.count(position.byte) if file.has(position) else None


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
