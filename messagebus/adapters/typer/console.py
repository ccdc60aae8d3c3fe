"""Lines for people, JSON for programs, and reasons on stderr."""

import getpass
import json
import os
from collections.abc import Iterable, Sequence

import typer


def print_json(value: object) -> None:
    """Print a value as JSON on one line, in UTF-8 whatever the locale."""
    typer.echo(json.dumps(value, ensure_ascii=False).encode())


def print_line(*parts: object) -> None:
    """Print parts on one line, each character that can't be printed as U+FFFD."""
    typer.echo("  ".join(map(printable, parts)))


def print_table(columns: Sequence[str], rows: Iterable[object]) -> None:
    """Print an attribute of each row in each column, nothing cut off or taken for markup."""
    # Help prints no table, and Rich takes as long to import as Typer.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*(column.capitalize() for column in columns))
    for row in rows:
        table.add_row(
            *(Text(printable(getattr(row, column)), overflow="fold") for column in columns)
        )
    Console().print(table)


def printable(value: object) -> str:
    """The value as text, without what could begin a line or move the cursor."""
    text = "" if value is None else str(value)
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def exit_with(reason: str) -> typer.Exit:
    """Print the reason on stderr; raise what it returns: exit status 1."""
    typer.echo(printable(reason), err=True)
    return typer.Exit(1)


def os_user() -> str:
    """Who runs the command, for the journal: a user of the operating system, as `os:ada`."""
    try:
        import pwd
    except ModuleNotFoundError:
        return f"os:{getpass.getuser()}"
    try:
        return f"os:{pwd.getpwuid(os.getuid()).pw_name}"
    except KeyError:
        return f"os:{os.getuid()}"
