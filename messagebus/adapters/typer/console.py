"""Lines for people, JSON for programs, and reasons on stderr."""

import json

import typer


def print_json(value: object) -> None:
    """Print a value as JSON on one line, in UTF-8 whatever the locale."""
    typer.echo(json.dumps(value, ensure_ascii=False).encode())


def print_line(*parts: object) -> None:
    """Print parts on one line, each character that can't be printed as U+FFFD."""
    typer.echo("  ".join(map(_visible, parts)))


def _visible(value: object) -> str:
    """The value as text, without what could begin a line or move the cursor."""
    text = "" if value is None else str(value)
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def exit_with(reason: str) -> typer.Exit:
    """Print the reason on stderr; raise what it returns: exit status 1."""
    typer.echo(_visible(reason), err=True)
    return typer.Exit(1)
