"""What stops a consumer of the event stream: passed over, or the consumer begun anew."""

from collections.abc import Awaitable, Callable

import typer

from messagebus.errors import ConfigurationError
from messagebus.relay import AsyncAbstractStream, LostPositionError
from reading_club.bootstrap import ReadingClub
from reading_club.entrypoints.commands.running import run
from reading_club.entrypoints.console import refuse


def skip(database: str | None, position: int, *, consumer: str) -> None:
    """Pass over what cannot be decoded at a position."""
    _change(database, lambda stream: stream.skip(consumer, position))
    typer.echo(f"Skipped {position}.")


def begin_anew(database: str | None, *, consumer: str) -> None:
    """Forget the consumer's position."""
    _change(database, lambda stream: stream.begin_anew(consumer))
    typer.echo(f"{consumer} begins anew.")


def _change(database: str | None, change: Callable[[AsyncAbstractStream], Awaitable[None]]) -> None:

    async def at_stream(club: ReadingClub) -> None:
        await change(club.stream())

    try:
        run(database, at_stream)
    except (ConfigurationError, LostPositionError) as error:
        raise refuse(str(error)) from error
