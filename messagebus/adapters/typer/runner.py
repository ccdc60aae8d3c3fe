"""How a command runs: what it opens, by which option, and how an error ends it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import Annotated, TypeVar

import typer

from messagebus.adapters.typer.console import exit_with
from messagebus.errors import MessageBusError

T = TypeVar("T")
TPart = TypeVar("TPart")

Opener = Callable[[str | None], AbstractAsyncContextManager[TPart]]
"""Opens a part of the application; it is given the database that was typed, or `None`."""

LARGEST = 2**63 - 1
"""The largest integer that a database stores."""


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


def command_group(about: str | None = None) -> typer.Typer:
    """A group of commands whose help is plain text and whose errors show no local variables."""
    return typer.Typer(
        help=about,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )


def run(
    context: typer.Context,
    database: str | None,
    opener: Opener[TPart],
    work: Callable[[TPart], Awaitable[T]],
) -> T:
    """Open a part, await the work on it, and close it; an error of the bus ends the command."""

    async def opened() -> T:
        async with opener(database or context.obj) as part:
            return await work(part)

    try:
        return asyncio.run(opened())
    except MessageBusError as error:
        raise exit_with(str(error)) from error
