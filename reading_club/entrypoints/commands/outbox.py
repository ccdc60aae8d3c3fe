"""The relay, what waits for it, and its dead letters."""

import re
from collections.abc import Sequence

import typer

from messagebus.errors import ConfigurationError
from messagebus.relay import Shard
from reading_club.bootstrap import ReadingClub
from reading_club.entrypoints import relaying
from reading_club.entrypoints.commands.running import run, settings_for
from reading_club.entrypoints.commands.watched import run_watched
from reading_club.entrypoints.console import print_json, print_line, refuse

_MEANINGS = {
    "waiting": "messages that wait for the relay, with those that are parked",
    "oldest_age": "seconds since the oldest of them was made",
    "sent": "confirmed by the stream, and not deleted since",
    "parked": "wait behind a dead letter about the same thing",
    "dead": "refused by the stream for good: `reading-club dead-letters list` says why",
    "leader": "the relay that sends now; without one nothing is sent",
}
"""What the words of `outbox status` stand for."""


def relay(
    database: str | None, *, once: bool, replay_from: int | None, shard: str, log_json: bool
) -> None:
    """Send what waits: once, and say how much, or until a signal, with a log of it."""
    settings = settings_for(database)
    part = _shard_of(shard)

    async def send(club: ReadingClub) -> int:
        return await relaying.relay(club, part, once=once, replay_from=replay_from)

    if once:
        typer.echo(f"Sent {run(database, send)}.", err=True)
    else:
        run_watched(database, settings, send, log_json=log_json)


def status(database: str | None, *, json: bool) -> None:
    """Print how much waits, was sent or is parked, and who leads."""
    found = run(database, relaying.outbox_status)
    if json:
        print_json(found)
    else:
        shown = {name: "-" if value is None else str(value) for name, value in found.items()}
        width = max(map(len, shown.values()))
        for name, value in shown.items():
            print_line(f"{name:10}", f"{value:{width}}", _MEANINGS[name])


def list_dead_letters(database: str | None, *, json: bool) -> None:
    """Print every dead letter, on a line of its own."""

    async def list_all(club: ReadingClub) -> None:
        async for letter in relaying.dead_letters_of(club):
            if json:
                print_json(relaying.dead_letter_content(letter))
            else:
                kind = letter.message.envelope["type"]
                print_line(letter.position, f"{letter.refused_at:%F %T}", kind, letter.refusal)

    run(database, list_all)


def show_dead_letter(database: str | None, position: int) -> None:
    """Print one dead letter as JSON."""
    found = run(
        database,
        lambda club: club.outbox().dead_letters(position - 1, limit=1),
    )
    if not found or found[0].position != position:
        raise refuse(f"there is no dead letter at {position}")
    print_json(relaying.dead_letter_content(found[0]))


def replay_dead_letters(database: str | None, positions: Sequence[int]) -> None:
    """Let the relay send these again."""
    number = run(database, lambda club: club.outbox().replay_dead_letters(positions))
    _all_found(number, positions, "Replayed")


def purge_dead_letters(database: str | None, positions: Sequence[int]) -> None:
    """Delete these for good."""
    number = run(database, lambda club: club.outbox().purge_dead_letters(positions))
    _all_found(number, positions, "Purged")


def _shard_of(given: str) -> Shard:
    """The shard that was typed; what cannot be one is wrong usage."""
    try:
        if written := re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", given):
            return Shard(int(written[1]), int(written[2]))
        reason = "a shard is its index and how many there are, both in digits."
    except ConfigurationError as error:
        reason = str(error)
    raise typer.BadParameter(
        f"{given!r}: {reason} Give INDEX/COUNT, as in 0/4 for the first of four.",
        param_hint="--shard",
    )


def _all_found(number: int, positions: Sequence[int], done: str) -> None:
    typer.echo(f"{done} {number}.")
    if number < len(set(positions)):
        raise refuse("the other positions are no dead letters")
