"""The relay as a process: once, or watched until a signal ends it."""

from collections.abc import Callable, Coroutine
from typing import Any

import typer

from messagebus.adapters.typer import parse_shard
from messagebus.relay import stopped_by_signals
from reading_club.bootstrap import ReadingClub
from reading_club.config import Settings
from reading_club.entrypoints.cli.runner import exit_on_errors, run, settings_for
from reading_club.entrypoints.telemetry import Telemetry


def relay(
    database: str | None, *, once: bool, replay_from: int | None, shard: str, log_json: bool
) -> None:
    """Send what waits: once, and say how much, or until a signal, with a log of it.

    With `replay_from`, what was sent from that position on is sent again first, each message by
    the relay of its own shard.
    """
    settings, part = settings_for(database), parse_shard(shard)

    async def send(club: ReadingClub) -> int:
        if replay_from is not None:
            await club.outbox().replay(replay_from)
        relay = club.relay(part)
        with stopped_by_signals(relay.stop):
            if once:
                return await relay.drain()
            await relay.run()
            return 0

    if once:
        typer.echo(f"Sent {run(settings, send)}.", err=True)
    else:
        run_watched(settings, send, log_json=log_json)


def run_watched(
    settings: Settings,
    work: Callable[[ReadingClub], Coroutine[Any, Any, object]],
    *,
    log_json: bool,
) -> None:
    """Do the work with a log, and with spans and metrics where the settings ask for them."""
    with exit_on_errors():
        telemetry = Telemetry(settings, log_json=log_json)

    async def observed(club: ReadingClub) -> None:
        async with telemetry.shown(club):
            await work(club)

    run(settings, observed, observers=telemetry.observers)
