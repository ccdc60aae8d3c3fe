"""The import of a file of books: progress on a terminal, and what became of its rows."""

import json as json_
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

import typer
from rich.console import Console
from rich.progress import Progress

from messagebus.adapters.typer import exit_with, os_user, print_line
from reading_club.bootstrap import ReadingClub
from reading_club.entrypoints.cli.runner import run, settings_for
from reading_club.importing import BookFile, ImportReport, UnreadableFileError, import_books


def import_(database: str | None, file: str, *, json: bool) -> None:
    """Register the books of a file, and print what became of its rows."""

    async def register_all(club: ReadingClub) -> None:
        with _progress_bar("Importing", rows.rows) as advance:
            await import_books(club, rows, report, advance, actor=os_user())

    try:
        with BookFile(file) as rows, ImportReport() as report:
            run(settings_for(database), register_all, blocking=True)
            (_print_json if json else _print)(report)
    except UnreadableFileError as error:
        raise exit_with(str(error)) from error
    if report.rejected:
        raise typer.Exit(1)


def _print(report: ImportReport) -> None:
    """Print how many rows were imported, and each that was not."""
    typer.echo(
        f"Imported {report.imported}, unchanged {report.unchanged}, refused {report.rejected}."
    )
    for rejected in report.rejected_rows():
        print_line("", f"row {rejected.row}: {rejected.reason}")


def _print_json(report: ImportReport) -> None:
    """Print the same as one JSON object, without holding all of it at once."""
    start = json_.dumps({"imported": report.imported, "unchanged": report.unchanged})
    typer.echo(f'{start[:-1]}, "refused": [', nl=False)
    for number, rejected in enumerate(report.rejected_rows()):
        text = json_.dumps(rejected._asdict(), ensure_ascii=False)
        typer.echo((", " if number else "").encode() + text.encode(), nl=False)
    typer.echo("]}")


@contextmanager
def _progress_bar(what: str, total: int) -> Generator[Callable[[int], None], None, None]:
    """Show on a terminal how far the work is; the block gets what counts the rows done."""
    console = Console(stderr=True)
    with Progress(console=console, disable=not sys.stderr.isatty(), transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda rows: progress.update(task, advance=rows)
