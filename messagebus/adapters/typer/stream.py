"""`stream`: what stops a consumer of the event stream is skipped, or the consumer starts again."""

from typing import Annotated

import typer

from messagebus.adapters.typer.runner import LARGEST, DatabaseOption, Opener, command_group, run
from messagebus.relay import AsyncAbstractStream

Place = Annotated[
    int, typer.Argument(metavar="POSITION", min=0, max=LARGEST, help="As the error names it.")
]
ConsumerOption = Annotated[
    str, typer.Option("--consumer", metavar="NAME", help="The name by which the consumer reads.")
]


def stream_commands(open_stream: Opener[AsyncAbstractStream]) -> typer.Typer:
    """The group `stream`, with `skip` and `begin-anew`."""
    commands, group = _Stream(open_stream), command_group("The consumers of the event stream.")
    group.command()(commands.skip)
    group.command("begin-anew")(commands.begin_anew)
    return group


class _Stream:
    """The commands of `stream`."""

    def __init__(self, open_stream: Opener[AsyncAbstractStream]) -> None:
        self._open = open_stream

    def skip(
        self,
        context: typer.Context,
        position: Place,
        consumer: ConsumerOption,
        database: DatabaseOption = None,
    ) -> None:
        """Pass over what cannot be decoded, at the position that the consumer's error names."""
        run(context, database, self._open, lambda stream: stream.skip(consumer, position))
        typer.echo(f"Skipped {position}.")

    def begin_anew(
        self, context: typer.Context, consumer: ConsumerOption, database: DatabaseOption = None
    ) -> None:
        """Let a consumer begin at the first message that the stream has now."""
        run(context, database, self._open, lambda stream: stream.begin_anew(consumer))
        typer.echo(f"{consumer} begins anew.")
