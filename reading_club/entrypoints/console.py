"""What the command line prints: tables for people, JSON for programs, refusals on stderr."""

import json
import sys
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from reading_club.entrypoints.importing import ImportReport


def print_json(value: object) -> None:
    """Print a value as JSON on one line, in UTF-8 whatever the locale."""
    typer.echo(json.dumps(value, ensure_ascii=False).encode())


def print_table(columns: Sequence[str], rows: Iterable[object]) -> None:
    """Print an attribute of each row in each column, nothing cut off or taken for markup."""
    table = Table(*(column.capitalize() for column in columns))
    for row in rows:
        table.add_row(
            *(Text(_visible(getattr(row, column)), overflow="fold") for column in columns)
        )
    Console().print(table)


def print_event(envelope: Mapping[str, Any]) -> None:
    """Print when and what, and below it what it says, field by field; as it is, if it says none."""
    print_line(_moment(envelope["created_at"]), envelope["type"])
    try:
        fields = json.loads(envelope["payload"]).items()
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


def print_line(*parts: object) -> None:
    """Print parts on one line."""
    typer.echo("  ".join(map(_visible, parts)))


def print_report(report: ImportReport) -> None:
    """Print how many rows were imported, and each that was refused."""
    typer.echo(
        f"Imported {report.imported}, unchanged {report.unchanged}, refused {report.refused}."
    )
    for refusal in report.refusals():
        print_line("", f"row {refusal.row}: {refusal.reason}")


def print_json_report(report: ImportReport) -> None:
    """Print the same as one JSON object, without holding all of it at once."""
    start = json.dumps({"imported": report.imported, "unchanged": report.unchanged})
    typer.echo(f'{start[:-1]}, "refused": [', nl=False)
    for number, refusal in enumerate(report.refusals()):
        text = json.dumps(refusal._asdict(), ensure_ascii=False)
        typer.echo((", " if number else "").encode() + text.encode(), nl=False)
    typer.echo("]}")


def _visible(value: object) -> str:
    text = "" if value is None else str(value)
    return "".join(character if character.isprintable() else "\ufffd" for character in text)


def refuse(reason: str) -> typer.Exit:
    """Say on stderr what was refused and why; raise what it returns: exit status 1."""
    typer.echo(_visible(reason), err=True)
    return typer.Exit(1)


@contextmanager
def progress_bar(what: str, total: int) -> Generator[Callable[[int], None], None, None]:
    """Show on a terminal how far the work is; the block gets what counts the steps done."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not sys.stderr.isatty(), transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda steps: progress.update(task, advance=steps)
