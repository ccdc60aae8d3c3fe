"""The command line. Exit status 0: done; 1: refused by a rule; 2: wrong usage."""

import asyncio
from collections.abc import Callable, Coroutine, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import EllipsisType
from typing import Annotated, Any, TypeVar

import typer
from lastuuid import uuid7
from pydantic import SecretStr, ValidationError
from result import Err, Result

from messagebus import Command
from messagebus.relay import LedElsewhereError, StreamClosedError, StreamUnavailableError
from reading_club.bootstrap import ReadingClub, Settings, StorageError, open_club
from reading_club.domain.messages import RegisterBook, RegisterReviewer, ReviewBook
from reading_club.entrypoints import schema
from reading_club.entrypoints.bookfile import BookFile, UnreadableFileError
from reading_club.entrypoints.console import (
    print_json,
    print_json_report,
    print_line,
    print_report,
    print_table,
    progress_bar,
    refuse,
)
from reading_club.entrypoints.importing import ImportReport, import_books
from reading_club.entrypoints.queries import published, shelf
from reading_club.entrypoints.relaying import (
    dead_letter_content,
    dead_letters_of,
    outbox_of,
    outbox_status,
)
from reading_club.entrypoints.relaying import relay as relay_messages
from reading_club.entrypoints.wording import explain
from reading_club.service.repositories import ReviewError
from reading_club.service.uow import AbstractUnitOfWork

T = TypeVar("T")
E = TypeVar("E")

REFUSED = (
    UnreadableFileError,
    StorageError,
    StreamUnavailableError,
    StreamClosedError,
    LedElsewhereError,
)
"""Errors whose messages say all that the user needs."""

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL|PATH",
        help="postgresql://…, or the path of an SQLite file, made if missing.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]

Positions = Annotated[list[int], typer.Argument(metavar="POSITION…", help="As `list` shows them.")]

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
db = typer.Typer(no_args_is_help=True, help="The database's tables.")
app.add_typer(db, name="db")
outbox = typer.Typer(no_args_is_help=True, help="What waits for the event stream.")
dead_letters = typer.Typer(no_args_is_help=True, help="What the event stream refused for good.")
app.add_typer(outbox, name="outbox")
app.add_typer(dead_letters, name="dead-letters")


def main() -> None:
    """Run the command line."""
    app(prog_name="reading-club")


@app.callback()
def choose_database(context: typer.Context, database: DatabaseOption = None) -> None:
    """A reading club: its books, those who review them, and what it told the stream."""
    context.obj = database


@app.command()
def register(
    context: typer.Context,
    title: str,
    author: Annotated[str, typer.Option()],
    isbn: Annotated[str, typer.Option(help="ISBN-10 or ISBN-13.")],
    database: DatabaseOption = None,
) -> None:
    """Register a book."""
    with _refusals():
        command = RegisterBook(id=uuid7(), isbn=isbn, title=title, author=author)
    if isinstance(_handle(context, database, command), Err):
        raise refuse(f"a book with the ISBN {isbn} is registered already")
    typer.echo(f"Registered {command.title} by {command.author}.")


@app.command()
def reviewer(context: typer.Context, name: str, database: DatabaseOption = None) -> None:
    """Register somebody who reviews books."""
    with _refusals():
        command = RegisterReviewer(id=uuid7(), name=name)
    if isinstance(_handle(context, database, command), Err):
        raise refuse(f"a reviewer called {command.name} is registered already")
    typer.echo(f"Registered the reviewer {command.name}.")


@app.command()
def review(
    context: typer.Context,
    isbn: str,
    reviewer: Annotated[str, typer.Option(help="The name of a registered reviewer.")],
    rating: Annotated[int, typer.Option(help="From 1 to 10.")],
    comment: Annotated[str, typer.Option()] = "",
    database: DatabaseOption = None,
) -> None:
    """Review a book."""
    with _refusals():
        command = ReviewBook(
            id=uuid7(), isbn=isbn, reviewer=reviewer, rating=rating, comment=comment
        )
    match _handle(context, database, command):
        case Err(ReviewError.unknown_book):
            raise refuse(f"no book has the ISBN {isbn}: register it first")
        case Err(ReviewError.unknown_reviewer):
            raise refuse(f"no reviewer is called {command.reviewer}: register them first")
        case Err(ReviewError.already_reviewed):
            raise refuse(f"{command.reviewer} has reviewed {isbn} already")
        case _:
            typer.echo(f"{command.reviewer} gave {isbn} {rating} of 10.")


@app.command()
def books(
    context: typer.Context, json: JsonOption = False, database: DatabaseOption = None
) -> None:
    """List the books with their ratings."""

    found = _run(context, database, shelf)
    if json:
        print_json([book.model_dump(mode="json") for book in found])
    else:
        print_table(("title", "author", "isbn", "reviews", "rating"), found)


@app.command("import")
def import_(
    context: typer.Context, file: Path, json: JsonOption = False, database: DatabaseOption = None
) -> None:
    """Register the books of a CSV file with the headers title, author and isbn."""

    async def register_all(club: ReadingClub) -> None:
        with progress_bar("Importing", rows.rows) as advance:
            await import_books(club, rows, report, advance)

    with _refusals(), BookFile(file) as rows, ImportReport() as report:
        _run(context, database, register_all)
        if json:
            print_json_report(report)
        else:
            print_report(report)
    if report.refused:
        raise typer.Exit(1)


@app.command()
def events(
    context: typer.Context, json: JsonOption = False, database: DatabaseOption = None
) -> None:
    """Show what the club told the event stream, in order of commit."""

    async def show(club: ReadingClub) -> None:
        async for envelope in published(club):
            if json:
                print_json(envelope)
            else:
                print_line(envelope["created_at"], envelope["type"], envelope["payload"])

    _run(context, database, show)


@app.command()
def relay(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="End when nothing waits any more.")] = False,
    replay_from: Annotated[
        int | None,
        typer.Option(metavar="POSITION", help="Send again what was sent from there on.", min=1),
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Send what the club told to the event stream; SIGTERM ends it after a batch."""
    settings = _settings(database or context.obj)
    sent = _run(
        context,
        database,
        lambda club: relay_messages(club, settings, once=once, replay_from=replay_from),
    )
    if once:
        typer.echo(f"Sent {sent}.", err=True)


@db.command("upgrade")
def upgrade_tables(context: typer.Context, database: DatabaseOption = None) -> None:
    """Make the tables, or bring those of an earlier release up to date with their rows."""
    typer.echo(_ask_of_tables(context, database, schema.upgrade))


@db.command("current")
def current_tables(context: typer.Context, database: DatabaseOption = None) -> None:
    """Say which revision the tables have."""
    typer.echo(_ask_of_tables(context, database, schema.current))


@db.command("check")
def check_tables(context: typer.Context, database: DatabaseOption = None) -> None:
    """Compare the tables with those of this release: exit status 1 where they differ."""
    wrong = _ask_of_tables(context, database, schema.check)
    if wrong:
        raise refuse("; ".join(wrong))
    typer.echo("The tables are those of this release.")


def _ask_of_tables(
    context: typer.Context,
    database: str | None,
    ask: Callable[[Settings], Coroutine[Any, Any, T]],
) -> T:
    settings = _settings(database or context.obj)
    with _refusals():
        return asyncio.run(ask(settings))


@outbox.command()
def status(
    context: typer.Context, json: JsonOption = False, database: DatabaseOption = None
) -> None:
    """Show what waits for the stream, since when, what was sent or is parked, and who leads."""
    found = _run(context, database, outbox_status)
    if json:
        print_json(found)
    else:
        for name, value in found.items():
            print_line(f"{name:10}", "-" if value is None else value)


@dead_letters.command("list")
def list_(
    context: typer.Context, json: JsonOption = False, database: DatabaseOption = None
) -> None:
    """List what the stream refused for good, with its reason."""

    async def list_all(club: ReadingClub) -> None:
        async for letter in dead_letters_of(club):
            if json:
                print_json(dead_letter_content(letter))
            else:
                kind = letter.message.envelope["type"]
                print_line(letter.position, f"{letter.refused_at:%F %T}", kind, letter.refusal)

    _run(context, database, list_all)


@dead_letters.command()
def show(context: typer.Context, position: int, database: DatabaseOption = None) -> None:
    """Show one dead letter with all that it says, as JSON."""
    before = position - 1
    found = _run(context, database, lambda club: outbox_of(club).dead_letters(before, limit=1))
    if not found or found[0].position != position:
        raise refuse(f"there is no dead letter at {position}")
    print_json(dead_letter_content(found[0]))


@dead_letters.command("replay")
def replay_dead_letters(
    context: typer.Context, positions: Positions, database: DatabaseOption = None
) -> None:
    """Let the relay send these again, and what waits behind them."""
    number = _run(context, database, lambda club: outbox_of(club).replay_dead_letters(positions))
    _all_found(number, positions, "Replayed")


@dead_letters.command("purge")
def purge_dead_letters(
    context: typer.Context, positions: Positions, database: DatabaseOption = None
) -> None:
    """Delete these for good, and let what waits behind them go on."""
    number = _run(context, database, lambda club: outbox_of(club).purge_dead_letters(positions))
    _all_found(number, positions, "Purged")


def _all_found(number: int, positions: Sequence[int], done: str) -> None:
    typer.echo(f"{done} {number}.")
    if number < len(set(positions)):
        raise refuse("the other positions are no dead letters")


def _run(
    context: typer.Context,
    database: str | None,
    work: Callable[[ReadingClub], Coroutine[Any, Any, T]],
) -> T:
    settings = _settings(database or context.obj)

    async def run() -> T:
        async with open_club(settings) as club:
            return await work(club)

    with _refusals():
        return asyncio.run(run())


def _handle(
    context: typer.Context, database: str | None, command: Command[Result[EllipsisType, E]]
) -> Result[EllipsisType, E]:
    async def handle(club: ReadingClub) -> Result[EllipsisType, E]:
        async def work(transaction: AbstractUnitOfWork) -> Result[EllipsisType, E]:
            result = await club.bus.handle(command, transaction)
            await (transaction.commit() if result.is_ok() else transaction.rollback())
            return result

        return await club.run(work)

    return _run(context, database, handle)


def _settings(database: str | None) -> Settings:
    try:
        return Settings(database_url=SecretStr(database)) if database else Settings()
    except ValidationError as error:
        raise typer.BadParameter(explain(error), param_hint="--database") from error


@contextmanager
def _refusals() -> Generator[None, None, None]:
    try:
        yield
    except ValidationError as error:
        raise refuse(explain(error)) from error
    except (
        UnreadableFileError,
        StorageError,
        StreamUnavailableError,
        StreamClosedError,
        LedElsewhereError,
    ) as error:
        raise refuse(str(error)) from error
    except KeyboardInterrupt:
        typer.echo("Interrupted: what was committed stays, in whole rows.", err=True)
        raise typer.Exit(130) from None
