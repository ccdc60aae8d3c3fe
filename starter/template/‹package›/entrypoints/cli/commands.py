"""The application's own commands: what people type, checked by Typer before anything is imported."""

from typing import Annotated
from uuid import UUID

import typer

from ‹package›.entrypoints.cli.options import DatabaseOption, JsonOption, command_group

commands = command_group()


@commands.command()
def register(context: typer.Context, name: str, database: DatabaseOption = None) -> None:
    """Register ‹a_word›."""
    from ‹package›.entrypoints.cli import ‹aggregates›

    ‹aggregates›.register(database or context.obj, name)


@commands.command()
def rename(
    context: typer.Context,
    id: Annotated[UUID, typer.Argument(help="As `list` shows it.")],
    name: str,
    database: DatabaseOption = None,
) -> None:
    """Give ‹a_word› another name."""
    from ‹package›.entrypoints.cli import ‹aggregates›

    ‹aggregates›.rename(database or context.obj, id, name)


@commands.command("list")
def list_(
    context: typer.Context, json: JsonOption = False, database: DatabaseOption = None
) -> None:
    """List the ‹words›."""
    from ‹package›.entrypoints.cli import ‹aggregates›

    ‹aggregates›.list_all(database or context.obj, json=json)
