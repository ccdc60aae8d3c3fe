"""Options and arguments that several commands share."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException


def _not_empty(given: str | None) -> str | None:
    """Refuse an empty text, as of a variable that the shell did not know."""
    if given == "":
        raise typer.BadParameter("it is empty: name a database, or leave the option out.")
    return given


DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL|PATH",
        callback=_not_empty,
        help="postgresql://…, or the path of an SQLite file, made if missing.",
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON.")]
LogJsonOption = Annotated[bool, typer.Option("--log-json", help="Log JSON.")]
LARGEST = 2**63 - 1
"""Larger numbers no database has."""

Position = Annotated[int, typer.Argument(min=1, max=LARGEST, help="As `list` shows it.")]
Positions = Annotated[
    list[int],
    typer.Argument(metavar="POSITION…", min=1, max=LARGEST, help="As `list` shows them."),
]


Place = Annotated[
    int, typer.Argument(metavar="POSITION", min=0, max=LARGEST, help="As the error names it.")
]
ConsumerOption = Annotated[
    str, typer.Option("--consumer", metavar="NAME", help="The name by which the consumer reads.")
]


_ADDRESS = re.compile(r"://|@|pass\w*\s*=", re.IGNORECASE)


class Group(TyperGroup):
    """Quotes no word that may hold a password, where it stands in the place of another one."""

    def make_context(self, *arguments: Any, **named: Any) -> Any:
        """Read what was typed before the command."""
        with _unquoted():
            return super().make_context(*arguments, **named)

    def invoke(self, ctx: Any) -> Any:
        """Read the rest, and run the command."""
        with _unquoted():
            return super().invoke(ctx)


@contextmanager
def _unquoted() -> Generator[None, None, None]:
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


def sub_commands(about: str | None = None) -> typer.Typer:
    """A group of commands, whose help is plain text: Rich costs as much as all the rest of it."""
    return typer.Typer(
        cls=Group,
        help=about,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
