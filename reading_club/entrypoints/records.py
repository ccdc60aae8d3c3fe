"""CSV records out of text, in memory that no input can stretch.

They are the records that Python's `csv.reader` reads. That one loses its place after a
field that is too long, and a quote that nobody closes makes it take in the whole file.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum, auto

LONGEST_FIELD = 128 * 1024
"""In bytes of UTF-8. What is longer is dropped, and the record says so."""


@dataclass
class Record:
    """The fields between two line ends, without the white space before each."""

    fields: list[str] = field(default_factory=list[str])
    too_long: bool = False


class _State(Enum):
    before = auto()
    plain = auto()
    quoted = auto()
    closed = auto()


def read_records(pieces: Iterable[str], delimiter: str) -> Iterator[Record]:
    """Yield the records of a text that comes in pieces of any length, without blank lines."""
    tokens = re.compile(rf'["{delimiter}]|\r\n|[\r\n]|[^"{delimiter}\r\n]+')
    scanner = _Scanner(delimiter)
    for piece in pieces:
        for token in tokens.findall(piece):
            record = scanner.take(token)
            if record is not None:
                yield record
    record = scanner.end()
    if record is not None:
        yield record


class _Scanner:
    def __init__(self, delimiter: str) -> None:
        self._delimiter = delimiter
        self._start()

    def _start(self) -> None:
        self._record = Record()
        self._start_field()

    def _start_field(self) -> None:
        self._state = _State.before
        self._parts: list[str] = []
        self._size = 0

    def take(self, token: str) -> Record | None:
        if self._state is _State.quoted:
            if token == '"':
                self._state = _State.closed
            else:
                self._add(token)
        elif token == self._delimiter:
            self._end_field()
        elif token in ("\r\n", "\n", "\r"):
            return self.end()
        elif token == '"' and self._state is not _State.plain:
            if self._state is _State.closed:
                self._add(token)
            self._state = _State.quoted
        else:
            if self._state is _State.before:
                token = token.lstrip()
            if token:
                self._add(token)
                self._state = _State.plain
        return None

    def end(self) -> Record | None:
        blank = not self._record.fields and self._state is _State.before
        self._end_field()
        record = self._record
        self._start()
        return None if blank else record

    def _add(self, token: str) -> None:
        self._size += len(token) if token.isascii() else len(token.encode())
        if self._size <= LONGEST_FIELD:
            self._parts.append(token)
        else:
            self._parts.clear()
            self._record.too_long = True

    def _end_field(self) -> None:
        self._record.fields.append("".join(self._parts))
        self._start_field()
