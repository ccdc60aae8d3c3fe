"""`reading-club stream`: what stops a consumer of the event stream."""

import typer

from reading_club.entrypoints.options import ConsumerOption, DatabaseOption, Place, sub_commands

stream = sub_commands("The consumers of the event stream.")


@stream.command()
def skip(
    context: typer.Context,
    position: Place,
    consumer: ConsumerOption,
    database: DatabaseOption = None,
) -> None:
    """Pass over what cannot be decoded, at the position that the consumer's error names."""
    from reading_club.entrypoints.commands import stream

    stream.skip(database or context.obj, position, consumer=consumer)


@stream.command("begin-anew")
def begin_anew(
    context: typer.Context, consumer: ConsumerOption, database: DatabaseOption = None
) -> None:
    """Let a consumer begin at the first message that the stream has now."""
    from reading_club.entrypoints.commands import stream

    stream.begin_anew(database or context.obj, consumer=consumer)
