"""The command line. Exit status 0: done; 1: refused by a rule; 2: wrong usage."""

import asyncio
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from types import EllipsisType
from typing import Annotated, TypeVar

import typer
from lastuuid import uuid7
from pydantic import ValidationError
from result import Err, Result

from messagebus import Command
from reading_club.bootstrap import Settings, open_club
from reading_club.domain.error_messages import explain
from reading_club.domain.messages import RegisterBook, RegisterReviewer, ReviewBook
from reading_club.domain.results import ReviewError
from reading_club.service.catalogue import ShelvedBook

E = TypeVar("E")

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def main() -> None:
    """Run the command line."""
    app(prog_name="reading-club")


def handle(command: Command[Result[EllipsisType, E]]) -> Result[EllipsisType, E]:
    """Give an order to the club, which is open for as long as that takes."""

    async def at_work() -> Result[EllipsisType, E]:
        async with open_club(Settings()) as club:
            return await club.handle(command)

    return asyncio.run(at_work())


def exit_with(message: str) -> typer.Exit:
    """Say why nothing was done, where a pipe does not take it for an answer."""
    typer.echo(message, err=True)
    return typer.Exit(1)


@contextmanager
def exit_on_errors() -> Generator[None, None, None]:
    """End the command with the words of a rule that a value breaks."""
    try:
        yield
    except ValidationError as error:
        raise exit_with(explain(error)) from error


@app.command()
def register(
    title: str, author: Annotated[str, typer.Option()], isbn: Annotated[str, typer.Option()]
) -> None:
    """Register a book."""
    with exit_on_errors():
        command = RegisterBook(id=uuid7(), isbn=isbn, title=title, author=author)
    if isinstance(handle(command), Err):
        raise exit_with(f"a book with the ISBN {isbn} is registered already")
    typer.echo(f"Registered {title} by {author}.")


@app.command()
def reviewer(name: str) -> None:
    """Register somebody who reviews books."""
    with exit_on_errors():
        command = RegisterReviewer(id=uuid7(), name=name)
    if isinstance(handle(command), Err):
        raise exit_with(f"a reviewer called {name} is registered already")
    typer.echo(f"Registered the reviewer {name}.")


@app.command()
def review(
    isbn: str,
    reviewer: Annotated[str, typer.Option()],
    rating: Annotated[int, typer.Option(help="From 1 to 10.")],
    comment: Annotated[str, typer.Option()] = "",
) -> None:
    """Review a book."""
    with exit_on_errors():
        command = ReviewBook(
            id=uuid7(), isbn=isbn, reviewer=reviewer, rating=rating, comment=comment
        )
    result = handle(command)
    if isinstance(result, Err):
        match result.err_value:
            case ReviewError.unknown_book:
                raise exit_with(f"no book has the ISBN {isbn}: register it first")
            case ReviewError.unknown_reviewer:
                raise exit_with(f"no reviewer is called {reviewer}: register them first")
            case ReviewError.already_reviewed:
                raise exit_with(f"{reviewer} has reviewed {isbn} already")
    typer.echo(f"{reviewer} gave {isbn} {rating} of 10.")


@app.command()
def books() -> None:
    """List the books with their ratings."""

    async def shelf() -> Sequence[ShelvedBook]:
        async with open_club(Settings()) as club:
            return await club.shelf()

    for book in asyncio.run(shelf()):
        typer.echo(f"{book.title} by {book.author} ({book.isbn}), rated {book.rating or 'never'}")
