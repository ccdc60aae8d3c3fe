"""Check the contracts of a package's published messages.

    python -m messagebus.contracts FOLDER MODULE [MODULE …] [--upcasters MODULE:NAME] [--accept]

compares the messages that the modules define with the schemas in FOLDER. `--accept` stores new
schemas and compatible changes. The exit status is 0 if all schemas are stored and compatible,
else 1.
"""

import argparse
import importlib
import sys
from pathlib import Path

from messagebus.contracts.schemas import published_messages
from messagebus.contracts.snapshots import check_snapshots, write_snapshots
from messagebus.contracts.upcasting import Upcasters


def main() -> int:
    """Check the contracts, and print the findings."""
    parser = argparse.ArgumentParser(
        prog="python -m messagebus.contracts",
        description=(__doc__ or "").partition("\n")[0],
    )
    parser.add_argument("folder", type=Path, help="where the schemas are kept")
    parser.add_argument("modules", nargs="+", help="modules that define published messages")
    parser.add_argument("--upcasters", metavar="MODULE:NAME", help="the steps from old versions")
    parser.add_argument("--accept", action="store_true", help="store compatible changes")
    options = parser.parse_args()

    try:
        messages = published_messages(*map(importlib.import_module, options.modules))
        upcasters = _upcasters(options.upcasters)
    except (ImportError, AttributeError) as error:
        parser.error(f"{error}: name modules by their path in Python, from where they are found")
    found = check_snapshots(options.folder, messages, upcasters)
    if options.accept and not any(each.breaks for each in found):
        write_snapshots(options.folder, messages)
        print(f"{len(messages)} contracts written to {options.folder}.")
        return 0
    for each in found:
        remedy = "" if each.breaks else " Write it down: --accept."
        print(f"{each.type} {each.why}{remedy}")
    if not found:
        print(f"{len(messages)} contracts hold.")
    return 1 if found else 0


def _upcasters(named: str | None) -> Upcasters | None:
    if named is None:
        return None
    module, _, name = named.partition(":")
    found: Upcasters = getattr(importlib.import_module(module), name)
    return found


if __name__ == "__main__":
    sys.exit(main())
