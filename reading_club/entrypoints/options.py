"""Options and arguments that several commands share."""

from typing import Annotated

import typer

DatabaseOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL|PATH",
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


def sub_commands(about: str | None = None) -> typer.Typer:
    """A group of commands, whose help is plain text: Rich costs as much as all the rest of it."""
    return typer.Typer(
        help=about,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
