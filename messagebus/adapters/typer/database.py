"""`db`: the tables of a database, brought up to date and compared with the declared ones."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Protocol

import typer

from messagebus.adapters.typer.console import exit_with, print_line
from messagebus.adapters.typer.runner import DatabaseOption, Opener, command_group, run

BackupOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="Copy an SQLite file to FILE first, which must be new."),
]


class AbstractMigrated(Protocol):
    """What a migration found."""

    @property
    def before(self) -> str | None:
        """The revision that the tables had; `None` where there were none."""
        ...

    @property
    def broken(self) -> Sequence[object]:
        """Rows that referred to rows that were not there before, and still do."""
        ...


class AbstractTables(Protocol):
    """The tables of one database, and their migrations, as `MigratedDatabase` has them."""

    @property
    def name(self) -> str:
        """The database as people may read it."""
        ...

    @property
    def newest(self) -> str:
        """The revision of today's tables."""
        ...

    @property
    def upgrade(self) -> str:
        """The command that migrates the database."""
        ...

    async def revision(self) -> str | None:
        """The revision of the tables; `None` where there are none."""
        ...

    def knows(self, revision: str) -> bool:
        """Whether the revision is one of this release's."""
        ...

    def mismatch(self, revision: str) -> str:
        """Why this release cannot use tables of another revision than its own, and what can."""
        ...

    async def migrate(self, backup: Path | None = None) -> AbstractMigrated:
        """Migrate to today's tables; copy a file to `backup` first."""
        ...

    async def differences(self) -> Sequence[str]:
        """Each difference between the database's tables and the declared ones."""
        ...

    async def notes(self) -> Sequence[str]:
        """What an operator should read after an upgrade."""
        ...


def database_commands(open_tables: Opener[AbstractTables]) -> typer.Typer:
    """The group `db`, with `upgrade`, `current` and `check`."""
    commands, group = _Database(open_tables), command_group("The database's tables.")
    group.command()(commands.upgrade)
    group.command()(commands.current)
    group.command()(commands.check)
    return group


class _Database:
    """The commands of `db`."""

    def __init__(self, open_tables: Opener[AbstractTables]) -> None:
        self._open = open_tables

    def upgrade(
        self,
        context: typer.Context,
        database: DatabaseOption = None,
        backup: BackupOption = None,
    ) -> None:
        """Make the tables, or bring those of an earlier release up to date with their rows."""
        lines = run(context, database, self._open, lambda tables: upgrade_report(tables, backup))
        for line in lines:
            print_line(line)

    def current(self, context: typer.Context, database: DatabaseOption = None) -> None:
        """Say which revision the tables have."""
        print_line(run(context, database, self._open, _current))

    def check(self, context: typer.Context, database: DatabaseOption = None) -> None:
        """Compare the tables with those of this release: exit status 1 where they differ."""
        if wrong := run(context, database, self._open, _wrong):
            raise exit_with("; ".join(wrong))
        print_line("The tables are those of this release.")


async def upgrade_report(tables: AbstractTables, backup: Path | None = None) -> Sequence[str]:
    """Make or migrate the tables, after a copy if `backup` names one; return what was done."""
    migrated = await tables.migrate(backup)
    return [*_done(tables, migrated, backup), *await tables.notes()]


def _done(tables: AbstractTables, migrated: AbstractMigrated, backup: Path | None) -> Iterator[str]:
    if backup is not None:
        yield f"{backup} is a copy of {tables.name} as it was."
    if migrated.before is None:
        yield f"{tables.name} has its tables now, at revision {tables.newest}."
    elif migrated.before == tables.newest:
        yield f"{tables.name} is at revision {tables.newest} already."
    else:
        yield f"{tables.name} is upgraded from revision {migrated.before} to {tables.newest}."
    if migrated.broken:
        yield "These rows refer to rows that are not there, and did so before:"
        yield from map(str, migrated.broken)


async def _current(tables: AbstractTables) -> str:
    found = await tables.revision()
    if found is None:
        return f"{tables.name} has no tables yet."
    if found == tables.newest:
        return f"{tables.name} is at revision {found}, which is today's."
    if tables.knows(found):
        return f"{tables.name} is at revision {found}, today's is {tables.newest}."
    return f"{tables.name}: {tables.mismatch(found)}."


async def _wrong(tables: AbstractTables) -> Sequence[str]:
    found = await tables.revision()
    if found is None:
        return [f"{tables.name} has no tables yet: run `{tables.upgrade}`"]
    if found != tables.newest:
        return [f"{tables.name} cannot be compared: {tables.mismatch(found)}"]
    return await tables.differences()
