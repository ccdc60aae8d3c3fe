"""A club at work for longer than a moment: watched, until a signal ends it."""

from collections.abc import Callable, Coroutine
from typing import Any

from reading_club.bootstrap import ReadingClub
from reading_club.config import Settings
from reading_club.entrypoints.commands.running import run
from reading_club.entrypoints.console import refuse
from reading_club.entrypoints.telemetry import Telemetry, TelemetryError


def run_watched(
    database: str | None,
    settings: Settings,
    work: Callable[[ReadingClub], Coroutine[Any, Any, object]],
    *,
    log_json: bool,
) -> None:
    """Do the work with a log, and with spans and metrics where the settings ask for them."""
    try:
        telemetry = Telemetry(settings, log_json=log_json)

        async def shown(club: ReadingClub) -> None:
            async with telemetry.shown(club):
                await work(club)

        run(database, shown, observers=telemetry.observers)
    except TelemetryError as error:
        raise refuse(str(error)) from error
