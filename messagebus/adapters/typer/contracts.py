"""`contracts`: the published messages, compared with the schemas that are written down."""

from collections.abc import Callable, Sequence
from pathlib import Path

import typer

from messagebus.adapters.typer.console import exit_with, print_line
from messagebus.adapters.typer.runner import command_group
from messagebus.contracts import Upcasters, check_snapshots, write_snapshots
from messagebus.contracts.schemas import MessageType


def contract_commands(
    folder: Path,
    messages: Callable[[], Sequence[MessageType]],
    upcasters: Upcasters | None = None,
) -> typer.Typer:
    """The group `contracts`, with `check` and `accept`, for the schemas in a folder.

    `messages` returns the published messages: `lambda: published_messages(module)`.
    """
    commands = _Contracts(folder, messages, upcasters)
    group = command_group("The schemas of the published messages.")
    group.command()(commands.check)
    group.command()(commands.accept)
    return group


class _Contracts:
    """The commands of `contracts`."""

    def __init__(
        self,
        folder: Path,
        messages: Callable[[], Sequence[MessageType]],
        upcasters: Upcasters | None,
    ) -> None:
        self._folder = folder
        self._messages = messages
        self._upcasters = upcasters

    def check(self, context: typer.Context) -> None:
        """Compare the messages with their schemas: exit status 1 where one is new or differs."""
        messages = self._messages()
        found = check_snapshots(self._folder, messages, self._upcasters)
        parent = context.parent.command_path if context.parent else ""
        for each in found:
            remedy = "" if each.breaks else f" Write it down: `{parent} accept`."
            print_line(f"{each.type} {each.why}{remedy}")
        if found:
            raise typer.Exit(1)
        print_line(f"{len(messages)} contracts hold.")

    def accept(self) -> None:
        """Write down what is new or breaks no consumer: exit status 1 where something breaks."""
        messages = self._messages()
        if broken := [
            each for each in check_snapshots(self._folder, messages, self._upcasters) if each.breaks
        ]:
            raise exit_with("; ".join(f"{each.type} {each.why}" for each in broken))
        write_snapshots(self._folder, messages)
        print_line(f"{len(messages)} contracts written to {self._folder}.")
