"""A CSV file of books: checked as a whole, then read row by row."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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

from reading_club.domain.messages import RegisterBook
from reading_club.entrypoints.csv_records import BrokenCsvError, CsvRecord, read_records
from reading_club.entrypoints.wording import explain

COLUMNS = ("isbn", "title", "author")
DELIMITERS = (",", ";")
STDIN = "-"


class UnreadableFileError(Exception):
    """The file as a whole cannot be imported; the message names it and says why."""


class Refusal(NamedTuple):
    """A row that is not imported. Row 1 is the first after the header."""

    row: int
    reason: str


class Order(NamedTuple):
    """A row that asks for a book."""

    row: int
    command: RegisterBook


class _Header(NamedTuple):
    """What the header says if a delimiter is right, or why it says nothing."""

    delimiter: str
    names: Sequence[str]
    fault: str | None = None

    @property
    def columns(self) -> Mapping[str, int]:
        return {name: self.names.index(name) for name in COLUMNS if name in self.names}


class BookFile:
    """Opens a CSV file with the headers title, author and isbn, and reads it to its end once.

    The path `-` is the standard input. The rows are those of a copy, so that they are the ones
    that were checked, whatever becomes of the file meanwhile.

    Raises `UnreadableFileError` where the file cannot be read, is empty, is not UTF-8, lacks a
    column or names one twice, and where a quote is never closed. So whoever enters the block knows
    that every row can be read.
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
            self._text = files.enter_context(
                TextIOWrapper(copy, "utf-8-sig", errors="surrogateescape", newline="")
            )
            try:
                self._header = self._read_header()
                self._columns = self._header.columns
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

    def __iter__(self) -> Iterator[Order | Refusal]:
        """Read the rows, each as the order to register its book or as a refusal."""
        return starmap(self._row, enumerate(self._rows(), start=1))

    def _unreadable(self, reason: str) -> UnreadableFileError:
        return UnreadableFileError(f"{self._name} {reason}")

    def _read_header(self) -> _Header:
        headers = [self._header_by(delimiter) for delimiter in DELIMITERS]
        header = max(headers, key=lambda each: (len(each.columns), each.fault is not None))
        if header.fault:
            raise self._unreadable(header.fault)
        missing = [name for name in COLUMNS if name not in header.columns]
        if missing:
            raise self._unreadable(
                f"has no column {', '.join(missing)}: its first line must name title, author and"
                " isbn, separated by commas or semicolons"
            )
        twice = [name for name, times in Counter(header.names).items() if name and times > 1]
        if twice:
            raise self._unreadable(
                f"names the column {', '.join(twice)} twice: which one holds the books' cells?"
            )
        return header

    def _header_by(self, delimiter: str) -> _Header:
        try:
            record = next(self._records(delimiter), None)
        except BrokenCsvError as error:
            return _Header(delimiter, (), str(error))
        if record is None:
            return _Header(delimiter, (), "is empty: it needs a header and rows")
        if record.fault:
            return _Header(delimiter, (), f"has a header that cannot be read: {record.fault}")
        return _Header(delimiter, [name.strip().casefold() for name in record.fields])

    def _records(self, delimiter: str) -> Iterator[CsvRecord]:
        self._text.seek(0)
        return read_records(self._text, delimiter)

    def _rows(self) -> Iterator[CsvRecord]:
        return islice(self._records(self._header.delimiter), 1, None)

    def _row(self, number: int, record: CsvRecord) -> Order | Refusal:
        if record.fault:
            return Refusal(number, record.fault)
        if len(record.fields) > len(self._header.names):
            return Refusal(number, "more fields than the header has: is a delimiter unquoted?")
        cells = dict(enumerate(record.fields))
        values = {name: cells.get(at, "").strip() for name, at in self._columns.items()}
        try:
            return Order(number, RegisterBook.model_validate({"id": uuid7(), **values}))
        except ValidationError as error:
            return Refusal(number, explain(error))


def _opened(path: str) -> IO[bytes]:
    return BufferedReader(FileIO(0, closefd=False)) if path == STDIN else Path(path).open("rb")


def _reason(error: Exception) -> str:
    match error:
        case OSError(strerror=str(reason)):
            return reason
        case _:
            return str(error)
