"""Check the contracts of a package's published messages.

    python -m messagebus.contracts FOLDER MODULE [MODULE …] [--upcasters MODULE:NAME] [--accept]

compares the messages that the modules define with the schemas in FOLDER; `--accept` writes down
what is new or breaks nobody. Exit status 0: all is written down and nothing breaks; 1: not so.
"""

import argparse
import importlib
import sys
from pathlib import Path

from messagebus.contracts.schemas import published_messages
from messagebus.contracts.snapshots import check_snapshots, write_snapshots
from messagebus.contracts.upcasting import Upcasters


def main() -> int:
    """Check, and say what was found."""
    parser = argparse.ArgumentParser(
        prog="python -m messagebus.contracts",
        description=(__doc__ or "").partition("\n")[0],
    )
    parser.add_argument("folder", type=Path, help="where the schemas are kept")
    parser.add_argument("modules", nargs="+", help="modules that define published messages")
    parser.add_argument("--upcasters", metavar="MODULE:NAME", help="the steps from old versions")
    parser.add_argument("--accept", action="store_true", help="write down what breaks nobody")
    given = parser.parse_args()

    try:
        messages = published_messages(*map(importlib.import_module, given.modules))
        upcasters = _upcasters(given.upcasters)
    except (ImportError, AttributeError) as error:
        parser.error(f"{error}: name modules by their path in Python, from where they are found")
    found = check_snapshots(given.folder, messages, upcasters)
    if given.accept and not any(each.breaks for each in found):
        write_snapshots(given.folder, messages)
        print(f"{len(messages)} contracts written to {given.folder}.")
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
