"""`events`: the published messages, as the event stream was told them."""

import json as json_
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from messagebus.adapters.typer.console import print_json, print_line, printable
from messagebus.adapters.typer.runner import (
    LARGEST,
    DatabaseOption,
    JsonOption,
    Opener,
    command_group,
    run,
)
from messagebus.relay import AsyncAbstractManagedOutbox, UndecodableMessageError


def event_commands(
    open_outbox: Opener[AsyncAbstractManagedOutbox], about: str | None = None
) -> typer.Typer:
    """The command `events`, to be added without a name: it stands beside the application's own.

    `about` is what its help says first.
    """
    group = command_group()
    group.command(help=about)(_Events(open_outbox).events)
    return group


class _Events:
    """The command `events`."""

    def __init__(self, open_outbox: Opener[AsyncAbstractManagedOutbox]) -> None:
        self._open = open_outbox

    def events(
        self,
        context: typer.Context,
        last: Annotated[
            int | None,
            typer.Option(metavar="N", help="Show the last N alone.", min=1, max=LARGEST),
        ] = None,
        json: JsonOption = False,
        database: DatabaseOption = None,
    ) -> None:
        """Show what was told to the event stream, in order of commit."""
        undecodable: list[UndecodableMessageError] = []

        async def show(outbox: AsyncAbstractManagedOutbox) -> None:
            async for envelope in outbox.published_events(last, undecodable.append):
                (print_json if json else _print)(envelope)

        run(context, database, self._open, show)
        for error in undecodable:
            typer.echo(printable(error), err=True)
        if undecodable:
            raise typer.Exit(1)


def _print(envelope: Mapping[str, Any]) -> None:
    """Print the time and the type, and below them each field; a payload without fields as it is."""
    print_line(_moment(envelope["created_at"]), envelope["type"])
    try:
        fields = json_.loads(envelope["payload"]).items()
    except (ValueError, RecursionError, AttributeError):
        print_line("", envelope["payload"])
    else:
        for name, value in fields:
            print_line("", f"{name:11}", value)


def _moment(created_at: str) -> str:
    try:
        return f"{datetime.fromisoformat(created_at).astimezone(UTC):%F %T} UTC"
    except (ValueError, OverflowError):
        return created_at
