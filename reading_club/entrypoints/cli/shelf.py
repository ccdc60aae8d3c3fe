"""Books, and those who review them."""

from collections.abc import Sequence

import typer
from lastuuid import uuid7
from result import Err

from messagebus.adapters.typer import exit_with, print_json, print_line, print_table
from reading_club.bootstrap import ReadingClub
from reading_club.domain.messages import RegisterBook, RegisterReviewer
from reading_club.domain.model import Reviewer
from reading_club.entrypoints.cli.runner import exit_on_errors, handle, run, settings_for
from reading_club.service.catalogue import ShelvedBook


def register(database: str | None, title: str, *, author: str, isbn: str) -> None:
    """Register a book."""
    with exit_on_errors():
        command = RegisterBook(id=uuid7(), isbn=isbn, title=title, author=author)
    if isinstance(handle(database, command), Err):
        raise exit_with(f"a book with the ISBN {isbn} is registered already")
    print_line(f"Registered {command.title} by {command.author}.")


def register_reviewer(database: str | None, name: str) -> None:
    """Register somebody who reviews books."""
    with exit_on_errors():
        command = RegisterReviewer(id=uuid7(), name=name)
    if isinstance(handle(database, command), Err):
        raise exit_with(f"a reviewer called {command.name} is registered already")
    print_line(f"Registered the reviewer {command.name}.")


def books(database: str | None, *, limit: int | None, json: bool) -> None:
    """Print the books with their ratings, or the first of them; say so where there are more."""

    async def first(club: ReadingClub) -> Sequence[ShelvedBook]:
        if limit is None:
            return await club.queries.shelf()
        return await club.queries.shelf_page(None, limit + 1)

    found = run(settings_for(database), first)
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

    listed = run(settings_for(database), found)
    if json:
        print_json([each.model_dump(mode="json") for each in listed])
    else:
        print_table(("name", "id"), listed)
