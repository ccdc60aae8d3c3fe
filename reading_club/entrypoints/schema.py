"""What `reading-club db` does: the tables of a database, brought up to date and compared."""

from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from messagebus.adapters.sqlalchemy import Migrated
from reading_club.bootstrap import ClubTables, open_storage
from reading_club.config import Settings


@asynccontextmanager
async def open_tables(settings: Settings) -> AsyncGenerator[ClubTables, None]:
    """The tables of the club's database, which is open meanwhile."""
    async with open_storage(settings) as database:
        yield ClubTables(database, settings.database_name)


async def upgrade(settings: Settings, backup: Path | None) -> Sequence[str]:
    """Make or migrate the tables, after a copy if one is asked for; say what was done."""
    async with open_tables(settings) as tables:
        migrated = await tables.migrate(backup)
        return [*_report(tables, migrated, backup), *await tables.notes()]


def _report(tables: ClubTables, migrated: Migrated, backup: Path | None) -> Iterator[str]:
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


async def current(settings: Settings) -> str:
    """Say which revision the tables have."""
    async with open_tables(settings) as tables:
        found = await tables.revision()
        if found is None:
            return f"{tables.name} has no tables yet."
        if found == tables.newest:
            return f"{tables.name} is at revision {found}, which is today's."
        if tables.knows(found):
            return f"{tables.name} is at revision {found}, today's is {tables.newest}."
        return f"{tables.name}: {tables.mismatch(found)}."


async def check(settings: Settings) -> Sequence[str]:
    """What is wrong with the tables: nothing, if they are those that this release declares."""
    async with open_tables(settings) as tables:
        found = await tables.revision()
        if found is None:
            return [f"{tables.name} has no tables yet: run `{tables.upgrade}`"]
        if found != tables.newest:
            return [f"{tables.name} cannot be compared: {tables.mismatch(found)}"]
        return await tables.differences()
