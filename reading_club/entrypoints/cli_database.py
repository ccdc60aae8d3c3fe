"""`reading-club db`: the database's tables."""

from pathlib import Path
from typing import Annotated

import typer

from reading_club.entrypoints.options import DatabaseOption, sub_commands

db = sub_commands("The database's tables.")

BackupOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Copy an SQLite file to FILE first, which must be new."),
]


@db.command()
def upgrade(
    context: typer.Context, database: DatabaseOption = None, backup: BackupOption = None
) -> None:
    """Make the tables, or bring those of an earlier release up to date with their rows."""
    from reading_club.entrypoints.commands import tables

    tables.upgrade(database or context.obj, backup)


@db.command()
def current(context: typer.Context, database: DatabaseOption = None) -> None:
    """Say which revision the tables have."""
    from reading_club.entrypoints.commands import tables

    tables.current(database or context.obj)


@db.command()
def check(context: typer.Context, database: DatabaseOption = None) -> None:
    """Compare the tables with those of this release: exit status 1 where they differ."""
    from reading_club.entrypoints.commands import tables

    tables.check(database or context.obj)
