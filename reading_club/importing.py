"""Importing a file of books: through the bus, some hundred rows to a transaction."""

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import Self

from result import Err

from reading_club.adapters.bookfile import BookFile, BookRow, RejectedRow, UnreadableFileError
from reading_club.bootstrap import ReadingClub
from reading_club.domain.isbn import isbn_13
from reading_club.domain.messages import RegisterBook
from reading_club.domain.model import Book
from reading_club.domain.typed import as_seen
from reading_club.service.uow import AbstractUnitOfWork

__all__ = ["BookFile", "ImportReport", "UnreadableFileError", "import_books"]

BATCH = 100
"""Rows to a transaction: more gain little, and keep other writers waiting."""


class ImportReport:
    """What became of the rows. The rejected ones are in a temporary file, as they may be many."""

    imported: int = 0
    unchanged: int = 0
    rejected: int = 0

    def __enter__(self) -> Self:
        self._file = SpooledTemporaryFile(1024 * 1024, "w+", encoding="utf-8")
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def reject(self, rows: Sequence[RejectedRow]) -> None:
        """Note rows that were not imported."""
        self.rejected += len(rows)
        self._file.writelines(f"{json.dumps(row)}\n" for row in rows)

    def rejected_rows(self) -> Iterator[RejectedRow]:
        """The rows that were not imported, in the order in which they were noted."""
        self._file.seek(0)
        return (RejectedRow(*json.loads(line)) for line in self._file)


async def import_books(
    club: ReadingClub,
    rows: Iterable[BookRow | RejectedRow],
    report: ImportReport,
    advance: Callable[[int], None],
    *,
    actor: str | None = None,
) -> None:
    """Register the books that the club does not know yet; call `advance` with the rows done.

    The journal keeps that `actor` asked for them.

    A row is kept with its event or not at all, and so are all rows of one transaction, which runs
    again where another one is in its way. A row that is rejected or known already leaves no trace
    in the event store.
    """
    for batch in _batches(iter(rows)):
        rejected = [row for row in batch if isinstance(row, RejectedRow)]
        wanted = [row for row in batch if isinstance(row, BookRow)]
        if wanted:
            outcome = await club.run(partial(_register, club, wanted), actor=actor)
            report.imported += outcome.imported
            report.unchanged += outcome.unchanged
            rejected += outcome.rejected
        report.reject(sorted(rejected))
        advance(len(batch))
        await asyncio.sleep(0)  # a blocking database leaves no other moment to Ctrl-C


@dataclass
class _Outcome:
    """What became of the rows of one transaction."""

    imported: int = 0
    unchanged: int = 0
    rejected: list[RejectedRow] = field(default_factory=list[RejectedRow])


async def _register(
    club: ReadingClub, wanted: Sequence[BookRow], transaction: AbstractUnitOfWork
) -> _Outcome:
    outcome = _Outcome()
    isbns = {each.command.isbn for each in wanted}
    known: dict[str, Book | RegisterBook] = {**await transaction.catalogue.by_isbns(isbns)}
    for row, command in wanted:
        book = known.setdefault(isbn_13(command.isbn), command)
        if book is command:
            if isinstance(await club.bus.handle(command, transaction), Err):
                reason = f"{command.isbn} was registered by somebody else meanwhile"
                outcome.rejected.append(RejectedRow(row, reason))
            else:
                outcome.imported += 1
        elif _seen(book) == _seen(command):
            outcome.unchanged += 1
        else:
            reason = f"{command.isbn} is known as {book.title!r} by {book.author}"
            outcome.rejected.append(RejectedRow(row, reason))
    await transaction.commit()
    return outcome


def _seen(book: Book | RegisterBook) -> tuple[str, str]:
    return as_seen(book.title), as_seen(book.author)


def _batches(rows: Iterator[BookRow | RejectedRow]) -> Iterator[Sequence[BookRow | RejectedRow]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
