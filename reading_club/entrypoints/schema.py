"""What `reading-club db` does: the tables of a database, brought up to date and compared."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import sqlalchemy as sa

from reading_club.adapters import schema
from reading_club.bootstrap import Settings, open_storage

T = TypeVar("T")


async def upgrade(settings: Settings) -> str:
    """Make or migrate the tables; say what was done."""
    before = await _ask(settings, schema.upgrade, read_only=False)
    if before == schema.REVISION:
        return f"{settings.database_name} is at revision {before} already."
    if before is None:
        return f"{settings.database_name} has its tables now, at revision {schema.REVISION}."
    return f"{settings.database_name} is upgraded from revision {before} to {schema.REVISION}."


async def current(settings: Settings) -> str:
    """Say which revision the tables have."""
    match await _ask(settings, schema.revision):
        case None:
            return f"{settings.database_name} has no tables yet."
        case schema.REVISION:
            return f"{settings.database_name} is at revision {schema.REVISION}, which is today's."
        case found:
            return f"{settings.database_name} is at revision {found}, today's is {schema.REVISION}."


async def check(settings: Settings) -> Sequence[str]:
    """What is wrong with the tables: nothing, if they are those that this release declares."""
    found = await _ask(settings, schema.revision)
    if found is None:
        return [f"{settings.database_name} has no tables yet: run `reading-club db upgrade`"]
    if found != schema.REVISION:
        return [f"revision {found}, not {schema.REVISION}: run `reading-club db upgrade`"]
    return await _ask(settings, schema.differences)


async def _ask(
    settings: Settings, function: Callable[[sa.Connection], T], *, read_only: bool = True
) -> T:
    async with open_storage(settings) as database:
        return await database.run(function, read_only=read_only)
