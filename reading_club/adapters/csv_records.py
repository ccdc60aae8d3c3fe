"""CSV records by Python's `csv` in strict mode, in memory that no input can stretch."""

import csv
import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple, TextIO

LONGEST_LINE = 512 * 1024
LONGEST_FIELD = csv.field_size_limit()
"""Both in characters; the second is the limit that `csv` itself keeps, 128 Ki."""
_LINE_ENDS = ("\n", "\r")
_SEPARATOR_LINE = re.compile(r'"?sep=[,;|\t]"?\s*', re.IGNORECASE)
_UNDECODED = re.compile("[\udc80-\udcff]")


class BrokenCsvError(Exception):
    """The text as a whole cannot be read; the message says why, and in which line."""


class CsvRecord(NamedTuple):
    """The fields between two line ends, or the fault for which they cannot be told apart."""

    fields: Sequence[str]
    fault: str | None = None


def read_records(text: TextIO, delimiter: str) -> Iterator[CsvRecord]:
    """Yield the records of a text but for those of blank fields only.

    A first line like `sep=;`, which tells Excel the delimiter, is no record.

    `text` is opened with `newline=""` and, if it is UTF-8, with `errors="surrogateescape"`, so
    that the error names the line of a byte that is not UTF-8.

    Raises `BrokenCsvError` where a byte cannot be decoded, and where a quote is never closed:
    after it, no record can be told from the text of a field.
    """
    lines = _Lines(text)
    reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True, strict=True)
    number = 0
    while True:
        begin = lines.number + 1
        try:
            record = CsvRecord(next(reader))
        except StopIteration:
            return
        except (csv.Error, _TooLongError) as error:
            if lines.ended or lines.number > begin or lines.leave_a_quote_open():
                raise BrokenCsvError(_unclosed(number, begin)) from error
            record = CsvRecord((), _fault(lines, delimiter))
        if lines.number == 1 and _SEPARATOR_LINE.fullmatch(lines.last):
            continue
        if record.fault or any(map(str.strip, record.fields)):
            yield record
            number += 1


class _TooLongError(Exception):
    """A line was passed over."""


class _Lines:
    """The lines of a text one by one, and where the reader stands among them."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self.number = 0
        self.ended = False
        self.last = ""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.last = self._part(self.number + 1)
        if not self.last:
            self.ended = True
            raise StopIteration
        self.number += 1
        if len(self.last) > LONGEST_LINE:
            raise _TooLongError
        return self.last

    def leave_a_quote_open(self) -> bool:
        """Pass over the rest of a line that is too long; say whether its last field goes on."""
        part, quotes = self.last, self.last.count('"')
        while len(self.last) > LONGEST_LINE and part and not part.endswith(_LINE_ENDS):
            part = self._part(self.number)
            quotes += part.count('"')
        return len(self.last) > LONGEST_FIELD and quotes % 2 == 1

    def _part(self, number: int) -> str:
        try:
            part = self._text.readline(LONGEST_LINE + 1)
        except UnicodeDecodeError as error:
            raise BrokenCsvError(
                "is not UTF-16, which its byte order mark announces"
                f" (in line {number} or soon after it): save it as UTF-8"
            ) from error
        undecoded = None if part.isascii() else _UNDECODED.search(part)
        if undecoded:
            byte = ord(undecoded[0]) - 0xDC00
            raise BrokenCsvError(
                f"is not UTF-8 (byte 0x{byte:02x} in line {number}): save it as UTF-8"
            )
        return part


def _fault(lines: _Lines, delimiter: str) -> str:
    if len(lines.last) > LONGEST_LINE:
        return f"its line is longer than {LONGEST_LINE // 1024} KiB"
    try:
        next(csv.reader([lines.last], delimiter=delimiter, skipinitialspace=True))
    except csv.Error:
        return f"a field is longer than {LONGEST_FIELD // 1024} KiB"
    return "text follows a closing quote: is a quote of the text not doubled?"


def _unclosed(number: int, line: int) -> str:
    where = f"row {number}" if number else "the header"
    return (
        f"has a quote that is never closed, or not within {LONGEST_FIELD // 1024} KiB:"
        f" it opens in {where} (line {line}). Close it, or double it if it belongs to the text"
    )
