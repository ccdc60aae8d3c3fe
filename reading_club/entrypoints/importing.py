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

from reading_club.bootstrap import ReadingClub
from reading_club.domain.isbn import isbn_13
from reading_club.domain.messages import RegisterBook
from reading_club.domain.model import Book
from reading_club.domain.typed import as_seen
from reading_club.entrypoints.bookfile import Order, Refusal
from reading_club.service.uow import AbstractUnitOfWork

BATCH = 100
"""Rows to a transaction: more gain little, and keep other writers waiting."""


class ImportReport:
    """What became of the rows. Those refused wait in a temporary file, as they may be many."""

    imported: int = 0
    unchanged: int = 0
    refused: int = 0

    def __enter__(self) -> Self:
        self._file = SpooledTemporaryFile(1024 * 1024, "w+", encoding="utf-8")
        return self

    def __exit__(self, *error: object) -> None:
        self._file.close()

    def refuse(self, refusals: Sequence[Refusal]) -> None:
        """Note rows that were not imported."""
        self.refused += len(refusals)
        self._file.writelines(f"{json.dumps(refusal)}\n" for refusal in refusals)

    def refusals(self) -> Iterator[Refusal]:
        """The rows that were not imported, in the order in which they were noted."""
        self._file.seek(0)
        return (Refusal(*json.loads(line)) for line in self._file)


async def import_books(
    club: ReadingClub,
    rows: Iterable[Order | Refusal],
    report: ImportReport,
    advance: Callable[[int], None],
    *,
    actor: str | None = None,
) -> None:
    """Register the books that the club does not know yet; `advance` hears of rows done.

    The journal keeps that `actor` asked for them.

    A row is kept with its event or not at all, and so are all rows of one transaction, which is
    run again where another one is in its way. What is refused, or known already, leaves no trace
    in the event store.
    """
    for batch in _batches(iter(rows)):
        refused = [row for row in batch if isinstance(row, Refusal)]
        orders = [row for row in batch if isinstance(row, Order)]
        if orders:
            outcome = await club.run(partial(_register, club, orders), actor=actor)
            report.imported += outcome.imported
            report.unchanged += outcome.unchanged
            refused += outcome.refused
        report.refuse(sorted(refused))
        advance(len(batch))
        await asyncio.sleep(0)  # a blocking database leaves no other moment to Ctrl-C


@dataclass
class _Outcome:
    """What became of the orders of one transaction."""

    imported: int = 0
    unchanged: int = 0
    refused: list[Refusal] = field(default_factory=list[Refusal])


async def _register(
    club: ReadingClub, orders: Sequence[Order], transaction: AbstractUnitOfWork
) -> _Outcome:
    outcome = _Outcome()
    isbns = {order.command.isbn for order in orders}
    known: dict[str, Book | RegisterBook] = {**await transaction.catalogue.by_isbns(isbns)}
    for row, command in orders:
        book = known.setdefault(isbn_13(command.isbn), command)
        if book is command:
            if isinstance(await club.bus.handle(command, transaction), Err):
                reason = f"{command.isbn} was registered by somebody else meanwhile"
                outcome.refused.append(Refusal(row, reason))
            else:
                outcome.imported += 1
        elif _seen(book) == _seen(command):
            outcome.unchanged += 1
        else:
            reason = f"{command.isbn} is known as {book.title!r} by {book.author}"
            outcome.refused.append(Refusal(row, reason))
    await transaction.commit()
    return outcome


def _seen(book: Book | RegisterBook) -> tuple[str, str]:
    return as_seen(book.title), as_seen(book.author)


def _batches(rows: Iterator[Order | Refusal]) -> Iterator[Sequence[Order | Refusal]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
