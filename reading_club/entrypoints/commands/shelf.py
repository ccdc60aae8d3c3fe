"""Books, those who review them, and what the stream was told of both."""

from collections.abc import Sequence

import typer
from lastuuid import uuid7
from result import Err

from messagebus.relay import UndecodableMessageError
from reading_club.bootstrap import ReadingClub
from reading_club.domain.messages import RegisterBook, RegisterReviewer, ReviewBook
from reading_club.domain.model import Reviewer
from reading_club.entrypoints.bookfile import BookFile
from reading_club.entrypoints.commands.running import handle, os_user, refusals, run
from reading_club.entrypoints.console import (
    print_event,
    print_json,
    print_json_report,
    print_line,
    print_report,
    print_table,
    progress_bar,
    refuse,
)
from reading_club.entrypoints.importing import ImportReport, import_books
from reading_club.service.catalogue import ShelvedBook
from reading_club.service.repositories import ReviewError


def register(database: str | None, title: str, *, author: str, isbn: str) -> None:
    """Register a book."""
    with refusals():
        command = RegisterBook(id=uuid7(), isbn=isbn, title=title, author=author)
    if isinstance(handle(database, command), Err):
        raise refuse(f"a book with the ISBN {isbn} is registered already")
    print_line(f"Registered {command.title} by {command.author}.")


def register_reviewer(database: str | None, name: str) -> None:
    """Register somebody who reviews books."""
    with refusals():
        command = RegisterReviewer(id=uuid7(), name=name)
    if isinstance(handle(database, command), Err):
        raise refuse(f"a reviewer called {command.name} is registered already")
    print_line(f"Registered the reviewer {command.name}.")


def review(database: str | None, isbn: str, *, reviewer: str, rating: int, comment: str) -> None:
    """Review a book."""
    with refusals():
        command = ReviewBook(
            id=uuid7(), isbn=isbn, reviewer=reviewer, rating=rating, comment=comment
        )
    result = handle(database, command)
    if isinstance(result, Err):
        match result.err_value:
            case ReviewError.unknown_book:
                raise refuse(f"no book has the ISBN {isbn}: register it first")
            case ReviewError.unknown_reviewer:
                raise refuse(f"no reviewer is called {command.reviewer}: register them first")
            case ReviewError.already_reviewed:
                raise refuse(f"{command.reviewer} has reviewed {isbn} already")
    print_line(f"{command.reviewer} gave {isbn} {rating} of 10.")


def books(database: str | None, *, limit: int | None, json: bool) -> None:
    """Print the books with their ratings, or the first of them; say so where there are more."""

    async def first(club: ReadingClub) -> Sequence[ShelvedBook]:
        if limit is None:
            return await club.queries.shelf()
        return await club.queries.shelf_page(None, limit + 1)

    found = run(database, first)
    shown = found[:limit]
    if json:
        print_json([book.model_dump(mode="json") for book in shown])
    else:
        print_table(("title", "author", "isbn", "reviews", "rating"), shown)
    if len(found) > len(shown):
        typer.echo(f"These are the first {limit}; without --limit, all are listed.", err=True)


def reviewers(database: str | None, *, json: bool) -> None:
    """Print those who review books."""

    async def found(club: ReadingClub) -> Sequence[Reviewer]:
        return [each async for each in club.queries.reviewers()]

    listed = run(database, found)
    if json:
        print_json([each.model_dump(mode="json") for each in listed])
    else:
        print_table(("name", "id"), listed)


def import_(database: str | None, file: str, *, json: bool) -> None:
    """Register the books of a file, and print what became of its rows."""

    async def register_all(club: ReadingClub) -> None:
        with progress_bar("Importing", rows.rows) as advance:
            await import_books(club, rows, report, advance, actor=os_user())

    with refusals(), BookFile(file) as rows, ImportReport() as report:
        run(database, register_all, blocking=True)
        if json:
            print_json_report(report)
        else:
            print_report(report)
    if report.refused:
        raise typer.Exit(1)


def events(database: str | None, *, last: int | None, json: bool) -> None:
    """Print what the stream was told; exit with 1 where a row of it cannot be decoded."""
    undecodable: list[UndecodableMessageError] = []

    async def show(club: ReadingClub) -> None:
        async for envelope in club.outbox().published_events(last, undecodable.append):
            (print_json if json else print_event)(envelope)

    run(database, show)
    for error in [refuse(str(each)) for each in undecodable]:
        raise error
