"""`outbox` and `dead-letters`: what waits for the event stream, and what the stream rejected."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer

from messagebus.adapters.typer.console import exit_with, print_json, print_line
from messagebus.adapters.typer.runner import (
    LARGEST,
    DatabaseOption,
    JsonOption,
    Opener,
    command_group,
    run,
)
from messagebus.errors import ConfigurationError
from messagebus.relay import (
    AsyncAbstractDeadLetters,
    AsyncAbstractManagedOutbox,
    DeadLetter,
    Shard,
)

Position = Annotated[int, typer.Argument(min=1, max=LARGEST, help="As `list` shows it.")]
Positions = Annotated[
    list[int],
    typer.Argument(metavar="POSITION…", min=1, max=LARGEST, help="As `list` shows them."),
]

_MEANINGS = {
    "waiting": "messages that wait for the relay, with those that are parked",
    "oldest_age": "seconds since the oldest of them was made",
    "sent": "confirmed by the stream, and not deleted since",
    "parked": "wait behind a dead letter about the same thing",
    "dead": "refused by the stream for good: `{program} dead-letters list` says why",
    "leader": "the relay that sends now; without one nothing is sent",
}
"""What the words of `outbox status` stand for."""


def outbox_commands(open_outbox: Opener[AsyncAbstractManagedOutbox]) -> typer.Typer:
    """The group `outbox`, with `status`."""
    group = command_group("What waits for the event stream.")
    group.command()(_Outbox(open_outbox).status)
    return group


def dead_letter_commands(open_outbox: Opener[AsyncAbstractDeadLetters]) -> typer.Typer:
    """The group `dead-letters`, with `list`, `show`, `replay` and `purge`."""
    commands, group = (
        _DeadLetters(open_outbox),
        command_group("What the event stream refused for good."),
    )
    group.command("list")(commands.list_)
    group.command()(commands.show)
    group.command()(commands.replay)
    group.command()(commands.purge)
    return group


def parse_shard(text: str) -> Shard:
    """Read INDEX/COUNT; raise `BadParameter`, which names `--shard`, for anything else."""
    try:
        if written := re.fullmatch(r"([0-9]{1,9})/([0-9]{1,9})", text):
            return Shard(int(written[1]), int(written[2]))
        reason = "a shard is its index and how many there are, both in digits."
    except ConfigurationError as error:
        reason = str(error)
    raise typer.BadParameter(
        f"{text!r}: {reason} Give INDEX/COUNT, as in 0/4 for the first of four.",
        param_hint="--shard",
    )


class _Outbox:
    """The commands of `outbox`."""

    def __init__(self, open_outbox: Opener[AsyncAbstractManagedOutbox]) -> None:
        self._open = open_outbox

    def status(
        self, context: typer.Context, json: JsonOption = False, database: DatabaseOption = None
    ) -> None:
        """Show what waits for the stream, since when, what was sent or is parked, and who leads."""
        print_status(context, run(context, database, self._open, _status), _MEANINGS, json=json)


class _DeadLetters:
    """The commands of `dead-letters`."""

    def __init__(self, open_outbox: Opener[AsyncAbstractDeadLetters]) -> None:
        self._open = open_outbox

    def list_(
        self, context: typer.Context, json: JsonOption = False, database: DatabaseOption = None
    ) -> None:
        """List what the stream refused for good, with its reason."""

        async def list_all(outbox: AsyncAbstractDeadLetters) -> None:
            position = 0
            while letters := await outbox.dead_letters(after=position):
                for letter in letters:
                    _print(letter, json=json)
                position = letters[-1].position

        run(context, database, self._open, list_all)

    def show(
        self, context: typer.Context, position: Position, database: DatabaseOption = None
    ) -> None:
        """Show one dead letter with all that it says, as JSON."""
        found = run(
            context,
            database,
            self._open,
            lambda outbox: outbox.dead_letters(position - 1, limit=1),
        )
        if not found or found[0].position != position:
            raise exit_with(f"there is no dead letter at {position}")
        print_json(_content(found[0]))

    def replay(
        self, context: typer.Context, positions: Positions, database: DatabaseOption = None
    ) -> None:
        """Let the relay send these again, and what waits behind them."""
        number = run(
            context, database, self._open, lambda outbox: outbox.replay_dead_letters(positions)
        )
        _check_all(number, positions, "Replayed")

    def purge(
        self, context: typer.Context, positions: Positions, database: DatabaseOption = None
    ) -> None:
        """Delete these for good, and let what waits behind them go on."""
        number = run(
            context, database, self._open, lambda outbox: outbox.purge_dead_letters(positions)
        )
        _check_all(number, positions, "Purged")


def print_status(
    context: typer.Context, status: Mapping[str, object], meanings: Mapping[str, str], *, json: bool
) -> None:
    """Print a status as JSON, or with the meaning of each number."""
    if json:
        print_json(status)
        return
    program = context.find_root().info_name
    shown = {name: "-" if value is None else str(value) for name, value in status.items()}
    width = max(map(len, shown.values()))
    for name, value in shown.items():
        meaning = meanings[name].format(program=program)
        print_line(f"{name:10}", f"{value:{width}}", meaning)


async def _status(outbox: AsyncAbstractManagedOutbox) -> Mapping[str, object]:
    status = await outbox.status()
    return {**status._asdict(), "leader": await outbox.leader()}


def _print(letter: DeadLetter, *, json: bool) -> None:
    if json:
        print_json(_content(letter))
    else:
        kind = letter.message.envelope["type"]
        print_line(letter.position, f"{letter.refused_at:%F %T}", kind, letter.refusal)


def _content(letter: DeadLetter) -> Mapping[str, object]:
    return {
        "position": letter.position,
        "refused_at": letter.refused_at.isoformat(),
        "refusal": letter.refusal,
        "envelope": letter.message.envelope,
        "headers": letter.message.headers,
    }


def _check_all(number: int, positions: Sequence[int], done: str) -> None:
    typer.echo(f"{done} {number}.")
    if number < len(set(positions)):
        raise exit_with("the other positions are no dead letters")
