"""A CSV file of books: checked as a whole, then read row by row."""

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

from reading_club.domain.messages import RegisterBook
from reading_club.entrypoints.records import LONGEST_FIELD, Record, read_records
from reading_club.entrypoints.wording import explain

COLUMNS = ("isbn", "title", "author")
DELIMITERS = (",", ";")
PIECE = 64 * 1024
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


class BookFile:
    """Opens a CSV file with the headers title, author and isbn, and reads it to its end once.

    The path `-` is the standard input.

    Raises `UnreadableFileError` where the file cannot be read, is empty, is not UTF-8 or lacks a
    column. So whoever enters the block knows that every row can be read.
    """

    rows: int
    """How many rows there are."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._name = "the standard input" if path == STDIN else path

    def __enter__(self) -> Self:
        with ExitStack() as files:
            try:
                file = files.enter_context(_opened(self._path))
                if not file.seekable():
                    pipe, file = file, files.enter_context(TemporaryFile())
                    copyfileobj(pipe, file)
            except (OSError, ValueError) as error:
                raise self._unreadable(f"cannot be read: {_reason(error)}") from error
            self._text = files.enter_context(TextIOWrapper(file, encoding="utf-8-sig", newline=""))
            self._check()
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

    def _check(self) -> None:
        self.rows = 0
        try:
            self._find_columns()
            for _ in self._rows():
                self.rows += 1
        except UnicodeDecodeError as error:
            where = f"after row {self.rows}" if self.rows > 0 else "near its beginning"
            raise self._unreadable(
                f"is not UTF-8 ({_reason(error)}, {where}): save it as UTF-8"
            ) from error
        except OSError as error:
            raise self._unreadable(f"cannot be read: {_reason(error)}") from error

    def _unreadable(self, reason: str) -> UnreadableFileError:
        return UnreadableFileError(f"{self._name} {reason}")

    def _find_columns(self) -> None:
        found: dict[str, dict[str, int]] = {}
        for delimiter in DELIMITERS:
            header = next(self._records(delimiter), None)
            if header is None:
                raise self._unreadable("is empty: it needs a header and rows")
            names = [name.strip().casefold() for name in header.fields]
            found[delimiter] = {name: names.index(name) for name in COLUMNS if name in names}
            if len(found[delimiter]) == len(COLUMNS):
                self._delimiter, self._columns, self._width = (
                    delimiter,
                    found[delimiter],
                    len(names),
                )
                return
        columns = max(found.values(), key=len)
        missing = ", ".join(name for name in COLUMNS if name not in columns)
        raise self._unreadable(
            f"has no column {missing}: its first line must name title, author and isbn"
        )

    def _records(self, delimiter: str) -> Iterator[Record]:
        self._text.seek(0)
        return read_records(iter(lambda: self._text.read(PIECE), ""), delimiter)

    def _rows(self) -> Iterator[Record]:
        return islice(self._records(self._delimiter), 1, None)

    def _row(self, number: int, record: Record) -> Order | Refusal:
        if record.too_long:
            return Refusal(number, f"a field is longer than {LONGEST_FIELD // 1024} KiB")
        if any(field.strip() for field in record.fields[self._width :]):
            return Refusal(number, "more fields than the header has: is a delimiter unquoted?")
        cells = dict(enumerate(record.fields))
        values = {name: cells.get(index, "").strip() for name, index in self._columns.items()}
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
        case UnicodeDecodeError():
            return f"byte 0x{error.object[error.start]:02x}"
        case _:
            return str(error)
