"""The operators' commands, of `messagebus.adapters.typer`, on the club's database.

The club itself is imported when a command opens it: their help needs no database.
"""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, TypeVar

from messagebus.adapters.typer import (
    Opener,
    database_commands,
    dead_letter_commands,
    event_commands,
    outbox_commands,
    stream_commands,
)
from reading_club.entrypoints.cli.options import OPERATIONS, command_group

if TYPE_CHECKING:
    from reading_club.bootstrap import ClubTables, ReadingClub

T = TypeVar("T")


def _opener(part: Callable[["ReadingClub"], T]) -> Opener[T]:
    @asynccontextmanager
    async def opened(database: str | None) -> AsyncGenerator[T, None]:
        from reading_club.bootstrap import open_club
        from reading_club.entrypoints.cli.runner import exit_on_errors, settings_for

        with exit_on_errors():
            async with open_club(settings_for(database)) as club:
                yield part(club)

    return opened


@asynccontextmanager
async def _open_tables(database: str | None) -> AsyncGenerator["ClubTables", None]:
    from reading_club.bootstrap import ClubTables, open_storage
    from reading_club.entrypoints.cli.runner import exit_on_errors, settings_for

    settings = settings_for(database)
    with exit_on_errors():
        async with open_storage(settings) as storage:
            yield ClubTables(storage, settings.database_name)


_open_outbox = _opener(lambda club: club.outbox())
operations = command_group()
operations.add_typer(event_commands(_open_outbox, OPERATIONS["events"]))
operations.add_typer(database_commands(_open_tables), name="db")
operations.add_typer(outbox_commands(_open_outbox), name="outbox")
operations.add_typer(dead_letter_commands(_open_outbox), name="dead-letters")
operations.add_typer(stream_commands(_opener(lambda club: club.stream())), name="stream")
