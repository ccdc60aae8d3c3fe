"""Options that several commands share, and groups that import operators' commands on request."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException
from typer.main import get_command

OPERATIONS = {
    "events": "Show what the club told the event stream, in order of commit.",
    "db": "The database's tables.",
    "outbox": "What waits for the event stream.",
    "dead-letters": "What the event stream refused for good.",
    "stream": "The consumers of the event stream.",
}
"""The operators' commands, with what the help of all commands says of each."""

_ADDRESS = re.compile(r"://|@|pass\w*\s*=", re.IGNORECASE)


def _require_text(text: str | None) -> str | None:
    """Raise `BadParameter` for an empty text, such as a variable that the shell doesn't know."""
    if text == "":
        raise typer.BadParameter("it is empty: name a database, or leave the option out.")
    return text


DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL|PATH",
        callback=_require_text,
        help="postgresql://…, or the path of an SQLite file, made if missing.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
LogJsonOption = Annotated[bool, typer.Option("--log-json", help="Log JSON.")]


class Group(TyperGroup):
    """Imports an operators' command when it is to run; quotes no word that may hold a password."""

    def make_context(self, *arguments: Any, **named: Any) -> Any:
        """Read what was typed before the command."""
        with _errors():
            return super().make_context(*arguments, **named)

    def resolve_command(self, ctx: Any, args: Any) -> Any:
        """Find the command that was typed; help of all commands doesn't come here."""
        name, command, rest = super().resolve_command(ctx, args)
        if name in OPERATIONS:
            from reading_club.entrypoints.cli.operations import operations

            group = get_command(operations)
            assert isinstance(group, TyperGroup)
            command = group.commands[name]
        return name, command, rest

    def invoke(self, ctx: Any) -> Any:
        """Read the rest, and run the command."""
        with _errors():
            return super().invoke(ctx)


@contextmanager
def _errors() -> Generator[None, None, None]:
    try:
        yield
    except typer.BadParameter:
        raise
    except TyperException as error:
        if _ADDRESS.search(error.message):
            error.message = (
                "An address stands where none is taken, and is not shown here, as it may hold a "
                "password: write --database before it."
            )
        raise
    except KeyboardInterrupt:
        typer.echo("Interrupted: what was committed stays, in whole rows.", err=True)
        raise typer.Exit(130) from None


def command_group(about: str | None = None) -> typer.Typer:
    """A group of commands, whose help is plain text: Rich costs as much as all the rest of it."""
    return typer.Typer(
        cls=Group,
        help=about,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
