"""A CSV file of books: checked as a whole, then read row by row."""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from contextlib import ExitStack
from io import BufferedReader, FileIO, TextIOWrapper
from itertools import islice, starmap
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryFile
from types import TracebackType
from typing import IO, NamedTuple, Self

from lastuuid import uuid7
from pydantic import ValidationError

from reading_club.adapters.book_columns import BookColumns
from reading_club.adapters.csv_records import BrokenCsvError, CsvRecord, read_records
from reading_club.domain.error_messages import explain
from reading_club.domain.messages import RegisterBook

DELIMITERS = (",", ";", "\t", "|")
STDIN = "-"


class UnreadableFileError(Exception):
    """The file as a whole cannot be imported; the message names it and says why."""


class RejectedRow(NamedTuple):
    """A row that is not imported. Row 1 is the first after the header."""

    row: int
    reason: str


class BookRow(NamedTuple):
    """A row that names a book, and the command that registers it."""

    row: int
    command: RegisterBook


class _Header(NamedTuple):
    """What the header says if a delimiter is right, or why it says nothing."""

    delimiter: str
    columns: BookColumns
    width: int
    fault: str | None = None


class BookFile:
    """Opens a CSV file whose header names title, author and ISBN, and reads it to its end once.

    The path `-` is the standard input. The rows are those of a copy, so that they are the ones
    that were checked, whatever becomes of the file meanwhile.

    The text is UTF-8, or UTF-16 with a byte order mark.

    Raises `UnreadableFileError` where the file cannot be read, is empty, is not in its encoding,
    lacks a column or names one twice, and where a quote is never closed. So inside the block every
    row can be read.
    """

    rows: int
    """How many rows there are, without those of blank cells only."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._name = "the standard input" if path == STDIN else path

    def __enter__(self) -> Self:
        with ExitStack() as files:
            copy = files.enter_context(TemporaryFile())
            try:
                with _opened(self._path) as file:
                    copyfileobj(file, copy)
            except (OSError, ValueError) as error:
                raise self._unreadable(f"cannot be read: {_reason(error)}") from error
            self._text = files.enter_context(_text(copy))
            try:
                self._header = self._read_header()
                self.rows = sum(1 for _ in self._rows())
            except BrokenCsvError as error:
                raise self._unreadable(str(error)) from error
            self._files = files.pop_all()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._files.close()

    def __iter__(self) -> Iterator[BookRow | RejectedRow]:
        """Read the rows, each as the command that registers its book, or as a rejected row."""
        return starmap(self._row, enumerate(self._rows(), start=1))

    def _unreadable(self, reason: str) -> UnreadableFileError:
        return UnreadableFileError(f"{self._name} {reason}")

    def _read_header(self) -> _Header:
        headers = [self._header_by(delimiter) for delimiter in DELIMITERS]
        header = min(headers, key=_how_unlikely)
        if header.fault:
            raise self._unreadable(header.fault)
        missing, repeated = header.columns.missing, header.columns.repeated
        if missing:
            raise self._unreadable(
                f"has no column {', '.join(missing)}: its first line must name title, author and"
                " isbn, separated by commas, semicolons, tabs or |"
            )
        if repeated:
            raise self._unreadable(
                f"names the column {', '.join(repeated)} twice: which one holds the books' cells?"
            )
        return header

    def _header_by(self, delimiter: str) -> _Header:
        fields, fault = self._first_record(delimiter)
        return _Header(delimiter, BookColumns(fields), len(fields), fault)

    def _first_record(self, delimiter: str) -> CsvRecord:
        try:
            record = next(self._csv_records(delimiter), None)
        except BrokenCsvError as error:
            return CsvRecord((), str(error))
        if record is None:
            return CsvRecord((), "is empty: it needs a header and rows")
        if record.fault:
            return CsvRecord((), f"has a header that cannot be read: {record.fault}")
        return record

    def _csv_records(self, delimiter: str) -> Iterator[CsvRecord]:
        self._text.seek(0)
        return read_records(self._text, delimiter)

    def _rows(self) -> Iterator[CsvRecord]:
        return islice(self._csv_records(self._header.delimiter), 1, None)

    def _row(self, number: int, record: CsvRecord) -> BookRow | RejectedRow:
        if record.fault:
            return RejectedRow(number, record.fault)
        if len(record.fields) > self._header.width:
            return RejectedRow(number, "more fields than the header has: is a delimiter unquoted?")
        values = self._header.columns.values(record.fields)
        try:
            return BookRow(number, RegisterBook.model_validate({"id": uuid7(), **values}))
        except ValidationError as error:
            reason = explain(error)
            if not values["isbn"]:
                reason += ". This book has no ISBN, by which the club tells books apart"
            return RejectedRow(number, reason)


def _how_unlikely(header: _Header) -> tuple[int, bool, bool]:
    """Low where columns are found. Without any: where several are read, then where a fault is."""
    readable = header.fault is None
    return len(header.columns.missing), not (readable and header.width > 1), readable


def _opened(path: str) -> IO[bytes]:
    return BufferedReader(FileIO(0, closefd=False)) if path == STDIN else Path(path).open("rb")


def _text(file: IO[bytes]) -> TextIOWrapper:
    file.seek(0)
    if file.read(2) in (BOM_UTF16_BE, BOM_UTF16_LE):
        return TextIOWrapper(file, "utf-16", newline="")
    return TextIOWrapper(file, "utf-8-sig", errors="surrogateescape", newline="")


def _reason(error: Exception) -> str:
    match error:
        case OSError(strerror=str(reason)):
            return reason
        case _:
            return str(error)
