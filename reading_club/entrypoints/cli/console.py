"""What the command line prints beside lines and JSON: tables for people."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from messagebus.adapters.typer import printable


def print_table(columns: Sequence[str], rows: Iterable[object]) -> None:
    """Print an attribute of each row in each column, nothing cut off or taken for markup."""
    table = Table(*(column.capitalize() for column in columns))
    for row in rows:
        table.add_row(
            *(Text(printable(getattr(row, column)), overflow="fold") for column in columns)
        )
    Console().print(table)
