"""The tables of a database, brought up to date and compared."""

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, TypeVar

from reading_club.config import Settings
from reading_club.entrypoints import schema
from reading_club.entrypoints.commands.running import refusals, settings_for
from reading_club.entrypoints.console import print_line, refuse

T = TypeVar("T")


def upgrade(database: str | None, backup: Path | None) -> None:
    """Make or migrate the tables."""
    for line in _ask(database, lambda settings: schema.upgrade(settings, backup)):
        print_line(line)


def current(database: str | None) -> None:
    """Print which revision the tables have."""
    print_line(_ask(database, schema.current))


def check(database: str | None) -> None:
    """Print what is wrong with the tables."""
    wrong = _ask(database, schema.check)
    if wrong:
        raise refuse("; ".join(wrong))
    print_line("The tables are those of this release.")


def _ask(database: str | None, ask: Callable[[Settings], Coroutine[Any, Any, T]]) -> T:
    settings = settings_for(database)
    with refusals():
        return asyncio.run(ask(settings))
