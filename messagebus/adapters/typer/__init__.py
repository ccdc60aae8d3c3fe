"""Command groups for operators, by Typer: outbox, dead letters, stream, database, contracts.

An application adds them to its own command line, each with a function that opens what it needs:

    app.add_typer(outbox_commands(open_outbox), name="outbox")

`open_outbox(database)` returns an async context manager of the outbox. `database` is the text after
`--database`, or else what the application keeps as `context.obj`. Nothing here knows SQL.

A command ends with 0 when it is done, with 1 and a reason on stderr when it can't be, and with 2
for wrong usage. An error of the application ends a command so where its context manager raises
`exit_with(reason)`.
"""

from messagebus.adapters.typer.console import (
    exit_with,
    os_user,
    print_json,
    print_line,
    print_table,
    printable,
)
from messagebus.adapters.typer.contracts import contract_commands
from messagebus.adapters.typer.database import AbstractTables, database_commands, upgrade_report
from messagebus.adapters.typer.events import event_commands
from messagebus.adapters.typer.inbox import inbox_commands
from messagebus.adapters.typer.outbox import dead_letter_commands, outbox_commands, parse_shard
from messagebus.adapters.typer.runner import DatabaseOption, JsonOption, Opener, command_group
from messagebus.adapters.typer.stream import stream_commands

__all__ = [
    "AbstractTables",
    "DatabaseOption",
    "JsonOption",
    "Opener",
    "command_group",
    "contract_commands",
    "database_commands",
    "dead_letter_commands",
    "event_commands",
    "exit_with",
    "inbox_commands",
    "os_user",
    "outbox_commands",
    "parse_shard",
    "print_json",
    "print_line",
    "print_table",
    "printable",
    "stream_commands",
    "upgrade_report",
]
