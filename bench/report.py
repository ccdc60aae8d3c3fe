"""Tables in Markdown and their conditions, which the page includes."""

import datetime
import os
import platform
import sqlite3
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

from bench.interleaving import Spread

PACKAGES = ("pydantic", "lastuuid", "SQLAlchemy")


def times(spread: Spread) -> str:
    """A ratio as a factor: three digits are more than a shared machine can repeat."""
    return f"{spread.median:#.3g}".rstrip(".")


def between(spread: Spread) -> str:
    """The quartiles of a ratio."""
    return f"{spread.low:#.3g}".rstrip(".") + " to " + f"{spread.high:#.3g}".rstrip(".")


def thousands(number: float) -> str:
    return f"{number:,.0f}"


def write_table(file: Path, header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Write a Markdown table; a column of figures is set right, and one of words left."""
    file.parent.mkdir(parents=True, exist_ok=True)
    marks = [
        "---:" if all(cell[:1].isdigit() for cell in column) else "---"
        for column in zip(*rows, strict=True)
    ]
    lines = [header, marks, *rows]
    text = "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
    file.write_text(text, encoding="utf-8")
    print(text, flush=True)


def write_conditions(file: Path, command: str) -> None:
    """Write under which command and versions all the tables were made."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    today = datetime.datetime.now(datetime.UTC).date()
    text = (
        f"Measured by `{command}` on {today:%-d %B %Y}: "
        f"{platform.python_implementation()} {platform.python_version()}, "
        f"{os.cpu_count()} cores, {platform.system()} on {platform.machine()}; "
        f"{packages}, SQLite {sqlite3.sqlite_version}.\n"
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")
