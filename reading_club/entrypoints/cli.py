"""The command line. Exit status 0: done; 1: refused by a rule; 2: wrong usage; 130: interrupted.

Here is what people type; what a command does is in `commands`. A command is added as a function
that imports its module of `commands` within its body and hands on what was typed, so that help
and wrong usage import neither the bus nor SQLAlchemy. A group of commands has a module of its
own, beside this one, and its line in `app.add_typer` below.
"""

import io
import os
import sys
from typing import Annotated

import typer

from reading_club.entrypoints import cli_database, cli_outbox, cli_stream
from reading_club.entrypoints.options import (
    LARGEST,
    DatabaseOption,
    JsonOption,
    LogJsonOption,
    sub_commands,
)

STDOUT = 1

app = sub_commands()
app.add_typer(cli_database.db, name="db")
app.add_typer(cli_outbox.outbox, name="outbox")
app.add_typer(cli_outbox.dead_letters, name="dead-letters")
app.add_typer(cli_stream.stream, name="stream")


def main() -> None:
    """Run the command line. What the terminal cannot show is printed escaped, as on stderr."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app(prog_name="reading-club")
    except OSError as error:
        # What could not be written would be tried once more at the interpreter's end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), STDOUT)
        typer.echo(f"the output, or a temporary file, cannot be written: {error}", err=True)
        sys.exit(1)


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
    from reading_club.entrypoints.commands import shelf

    shelf.register(database or context.obj, title, author=author, isbn=isbn)


@app.command()
def reviewer(context: typer.Context, name: str, database: DatabaseOption = None) -> None:
    """Register somebody who reviews books."""
    from reading_club.entrypoints.commands import shelf

    shelf.register_reviewer(database or context.obj, name)


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
    from reading_club.entrypoints.commands import shelf

    shelf.review(database or context.obj, isbn, reviewer=reviewer, rating=rating, comment=comment)


@app.command()
def revise(
    context: typer.Context,
    isbn: str,
    reviewer: Annotated[str, typer.Option(help="Who has reviewed the book.")],
    rating: Annotated[int, typer.Option(help="From 1 to 10.")],
    comment: Annotated[
        str | None, typer.Option(help="Without it, the comment stays as it is.")
    ] = None,
    database: DatabaseOption = None,
) -> None:
    """Change a review."""
    from reading_club.entrypoints.commands import reviews

    reviews.revise(database or context.obj, isbn, reviewer=reviewer, rating=rating, comment=comment)


@app.command()
def withdraw(
    context: typer.Context,
    isbn: str,
    reviewer: Annotated[str, typer.Option(help="Who has reviewed the book.")],
    database: DatabaseOption = None,
) -> None:
    """Withdraw a review; the reviewer may review the book anew."""
    from reading_club.entrypoints.commands import reviews

    reviews.withdraw(database or context.obj, isbn, reviewer=reviewer)


@app.command()
def books(
    context: typer.Context,
    limit: Annotated[
        int | None,
        typer.Option(metavar="N", help="Show the first N alone.", min=1, max=LARGEST - 1),
    ] = None,
    json: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """List the books with their ratings."""
    from reading_club.entrypoints.commands import shelf

    shelf.books(database or context.obj, limit=limit, json=json)


@app.command()
def reviewers(
    context: typer.Context, json: JsonOption = False, database: DatabaseOption = None
) -> None:
    """List those who review books."""
    from reading_club.entrypoints.commands import shelf

    shelf.reviewers(database or context.obj, json=json)


@app.command("import")
def import_(
    context: typer.Context,
    file: Annotated[str, typer.Argument(help="A path, or - for the standard input.")],
    json: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """Register the books of a CSV file, as spreadsheets and other libraries export it."""
    from reading_club.entrypoints.commands import shelf

    shelf.import_(database or context.obj, file, json=json)


@app.command()
def events(
    context: typer.Context,
    last: Annotated[
        int | None, typer.Option(metavar="N", help="Show the last N alone.", min=1, max=LARGEST)
    ] = None,
    json: JsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """Show what the club told the event stream, in order of commit."""
    from reading_club.entrypoints.commands import shelf

    shelf.events(database or context.obj, last=last, json=json)


@app.command()
def serve(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="Where to listen.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8000,
    relay: Annotated[bool, typer.Option(help="Send to the event stream too.")] = True,
    no_authentication: Annotated[
        bool,
        typer.Option("--no-authentication", help="Ask for no token, wherever it listens."),
    ] = False,
    log_json: LogJsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """Serve the club over HTTP; SIGTERM ends it when the requests are answered."""
    from reading_club.entrypoints.commands import serving

    serving.serve(
        database or context.obj,
        host=host,
        port=port,
        relay=relay,
        no_authentication=no_authentication,
        log_json=log_json,
    )


@app.command()
def relay(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="End when nothing waits any more.")] = False,
    replay_from: Annotated[
        int | None,
        typer.Option(metavar="POSITION", help="Send again what was sent from there on.", min=1),
    ] = None,
    shard: Annotated[
        str,
        typer.Option(metavar="INDEX/COUNT", help="Send one part alone, by stream key, as in 0/4."),
    ] = "0/1",
    log_json: LogJsonOption = False,
    database: DatabaseOption = None,
) -> None:
    """Send what the club told to the event stream; SIGTERM ends it after a batch."""
    from reading_club.entrypoints.commands import outbox

    outbox.relay(
        database or context.obj,
        once=once,
        replay_from=replay_from,
        shard=shard,
        log_json=log_json,
    )
