"""The command line. Exit status 0: done; 1: it can't be done; 2: wrong usage; 130: interrupted.

A command is declared here or in `commands`, as a function that imports within its body what does
the work: help and wrong usage import neither the bus nor SQLAlchemy. The operators' commands come
from `messagebus.adapters.typer` by way of `operations`, which is imported when one of them runs.
"""

import io
import os
import sys
from typing import Annotated

import typer

from reading_club.entrypoints.cli.commands import commands
from reading_club.entrypoints.cli.options import (
    OPERATIONS,
    DatabaseOption,
    LogJsonOption,
    command_group,
)

STDOUT = 1

processes = command_group()
"""The commands that run until a signal."""


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


@processes.command()
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
    from reading_club.entrypoints.cli import serving

    serving.serve(
        database or context.obj,
        host=host,
        port=port,
        relay=relay,
        no_authentication=no_authentication,
        log_json=log_json,
    )


@processes.command()
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
    from reading_club.entrypoints.cli import relaying

    relaying.relay(
        database or context.obj,
        once=once,
        replay_from=replay_from,
        shard=shard,
        log_json=log_json,
    )


app = command_group()
app.add_typer(commands)
for name, about in OPERATIONS.items():
    app.add_typer(command_group(about), name=name)
    if name == "events":
        app.add_typer(processes)


@app.callback()
def choose_database(context: typer.Context, database: DatabaseOption = None) -> None:
    """Keep the database that stands in front of a command."""
    context.obj = database
