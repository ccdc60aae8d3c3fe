"""The changes from the original to this version: the same six situations, run on each.

python -m bench.migration    writes docs/benchmarks/migration.md
"""

import json
import subprocess

from bench.environments import ROOT, ours, peers
from bench.report import write_table

WORKER = "bench.workers.behaviour"
VERSIONS = ["0.12.0", "0.16.1"]
SITUATIONS = [
    "Emma is rolled back, then Ulysses is committed: the stream hears of",
    "A command that has no handler",
    "Input that says `published` for a command",
    "A rollback after the commit",
    "NaN in a float field",
    "The broker is away for Emma; then Ulysses is committed",
]


def main() -> None:
    commands = {
        f"original {version}": peers(f"messagebus=={version}", WORKER) for version in VERSIONS
    }
    commands["this bus"] = ours(WORKER)
    outcomes: dict[str, list[str]] = {}
    for name, command in commands.items():
        done = subprocess.run(
            command.arguments, env=command.variables, capture_output=True, text=True, check=True
        )
        outcomes[name] = json.loads(done.stdout)
    rows = [[what, *(outcomes[name][n] for name in outcomes)] for n, what in enumerate(SITUATIONS)]
    write_table(ROOT / "docs/benchmarks/migration.md", ["situation", *outcomes], rows)


if __name__ == "__main__":
    main()
