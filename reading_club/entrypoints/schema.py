"""What `reading-club db` does: the tables of a database, brought up to date and compared."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy import Migrated, MigrationError, OtherRevisionError
from reading_club.adapters import schema
from reading_club.adapters.reading import names_alike
from reading_club.bootstrap import Settings, StorageError, open_storage
from reading_club.domain.model import Reviewer

T = TypeVar("T")


async def upgrade(settings: Settings, backup: Path | None) -> Sequence[str]:
    """Make or migrate the tables, after a copy if one is asked for; say what was done."""
    async with open_storage(settings) as database:
        try:
            migrated = await schema.migrate(database, backup=backup)
        except OtherRevisionError:
            raise
        except MigrationError as error:
            raise StorageError(f"{settings.database_name} is not upgraded: {error}") from error
        alike = await database.run(names_alike, read_only=True)
    return [*_report(settings.database_name, migrated, backup), *_report_alike(alike)]


def _report_alike(alike: Sequence[tuple[Reviewer, Reviewer]]) -> Iterator[str]:
    if alike:
        yield "These reviewers' names are kept as they were, and cannot be told from another one:"
    for each, other in alike:
        looks = (
            f"looks like {other.id} {other.name!a}" if other is not each else "has nothing to see"
        )
        yield f"{each.id} {each.name!a} {looks}"


def _report(name: str, migrated: Migrated, backup: Path | None) -> Iterator[str]:
    if backup is not None:
        yield f"{backup} is a copy of {name} as it was."
    match migrated.before:
        case schema.REVISION:
            yield f"{name} is at revision {schema.REVISION} already."
        case None:
            yield f"{name} has its tables now, at revision {schema.REVISION}."
        case before:
            yield f"{name} is upgraded from revision {before} to {schema.REVISION}."
    if migrated.broken:
        yield "These rows refer to rows that are not there, and did so before:"
        yield from map(str, migrated.broken)


async def current(settings: Settings) -> str:
    """Say which revision the tables have."""
    match await _ask(settings, schema.revision):
        case None:
            return f"{settings.database_name} has no tables yet."
        case schema.REVISION:
            return f"{settings.database_name} is at revision {schema.REVISION}, which is today's."
        case found if schema.migrations.knows(found):
            return f"{settings.database_name} is at revision {found}, today's is {schema.REVISION}."
        case found:
            return f"{settings.database_name}: {schema.reason_of_other(found)}."


async def check(settings: Settings) -> Sequence[str]:
    """What is wrong with the tables: nothing, if they are those that this release declares."""
    found = await _ask(settings, schema.revision)
    if found is None:
        return [f"{settings.database_name} has no tables yet: run `reading-club db upgrade`"]
    if found != schema.REVISION:
        return [f"{settings.database_name} cannot be compared: {schema.reason_of_other(found)}"]
    return await _ask(settings, schema.differences)


async def _ask(settings: Settings, function: Callable[[sa.Connection], T]) -> T:
    async with open_storage(settings) as database:
        return await database.run(function, read_only=True)
