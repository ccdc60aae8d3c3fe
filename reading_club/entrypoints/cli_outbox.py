"""`reading-club outbox` and `reading-club dead-letters`: what waits, and what was refused."""

import typer

from reading_club.entrypoints.options import (
    DatabaseOption,
    JsonOption,
    Position,
    Positions,
    sub_commands,
)

outbox = sub_commands("What waits for the event stream.")
dead_letters = sub_commands("What the event stream refused for good.")


@outbox.command()
def status(
    context: typer.Context, json: JsonOption = False, database: DatabaseOption = None
) -> None:
    """Show what waits for the stream, since when, what was sent or is parked, and who leads."""
    from reading_club.entrypoints.commands import outbox

    outbox.status(database or context.obj, json=json)


@dead_letters.command("list")
def list_(
    context: typer.Context, json: JsonOption = False, database: DatabaseOption = None
) -> None:
    """List what the stream refused for good, with its reason."""
    from reading_club.entrypoints.commands import outbox

    outbox.list_dead_letters(database or context.obj, json=json)


@dead_letters.command()
def show(context: typer.Context, position: Position, database: DatabaseOption = None) -> None:
    """Show one dead letter with all that it says, as JSON."""
    from reading_club.entrypoints.commands import outbox

    outbox.show_dead_letter(database or context.obj, position)


@dead_letters.command()
def replay(context: typer.Context, positions: Positions, database: DatabaseOption = None) -> None:
    """Let the relay send these again, and what waits behind them."""
    from reading_club.entrypoints.commands import outbox

    outbox.replay_dead_letters(database or context.obj, positions)


@dead_letters.command()
def purge(context: typer.Context, positions: Positions, database: DatabaseOption = None) -> None:
    """Delete these for good, and let what waits behind them go on."""
    from reading_club.entrypoints.commands import outbox

    outbox.purge_dead_letters(database or context.obj, positions)
