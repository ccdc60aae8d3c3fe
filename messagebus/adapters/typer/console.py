"""Lines for people, JSON for programs, and reasons on stderr."""

import getpass
import json
import os

import typer


def print_json(value: object) -> None:
    """Print a value as JSON on one line, in UTF-8 whatever the locale."""
    typer.echo(json.dumps(value, ensure_ascii=False).encode())


def print_line(*parts: object) -> None:
    """Print parts on one line, each character that can't be printed as U+FFFD."""
    typer.echo("  ".join(map(printable, parts)))


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
