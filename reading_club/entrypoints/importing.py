"""Importing a file of books: through the bus, some hundred rows to a transaction."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from result import Err

from reading_club.bootstrap import ReadingClub
from reading_club.domain.isbn import isbn_13
from reading_club.domain.messages import RegisterBook
from reading_club.domain.model import Book
from reading_club.entrypoints.bookfile import Order, Refusal
from reading_club.service.uow import AbstractUnitOfWork

BATCH = 100
"""Rows to a transaction: more gain little, and keep other writers waiting."""


@dataclass
class ImportReport:
    """What became of the rows."""

    imported: int = 0
    unchanged: int = 0
    refused: list[Refusal] = field(default_factory=list[Refusal])


async def import_books(
    club: ReadingClub, rows: Iterable[Order | Refusal], advance: Callable[[int], None]
) -> ImportReport:
    """Register the books that the club does not know yet; `advance` hears of rows done.

    A row is kept with its event or not at all, and so are all rows of one transaction. What
    is refused, or known already, leaves no trace in the event store.
    """
    report = ImportReport()
    for batch in _batches(iter(rows)):
        orders = [row for row in batch if isinstance(row, Order)]
        report.refused += [row for row in batch if isinstance(row, Refusal)]
        if orders:
            async with club.uow as transaction:
                await _register(club, transaction, orders, report)
                await transaction.commit()
        advance(len(batch))
    report.refused.sort()
    return report


async def _register(
    club: ReadingClub,
    transaction: AbstractUnitOfWork,
    orders: Sequence[Order],
    report: ImportReport,
) -> None:
    isbns = {order.command.isbn for order in orders}
    known: dict[str, Book | RegisterBook] = {**await transaction.catalogue.by_isbns(isbns)}
    for row, command in orders:
        book = known.setdefault(isbn_13(command.isbn), command)
        if book is command:
            operation = await club.bus.handle(command, transaction)
            if isinstance(operation, Err):
                report.refused.append(Refusal(row, operation.err_value.value))
            else:
                report.imported += 1
        elif (book.title, book.author) == (command.title, command.author):
            report.unchanged += 1
        else:
            report.refused.append(
                Refusal(row, f"{command.isbn} is known as {book.title!r} by {book.author}")
            )


def _batches(rows: Iterator[Order | Refusal]) -> Iterator[Sequence[Order | Refusal]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
