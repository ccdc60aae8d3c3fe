"""The same four situations, run on each library that has a bus in process.

python -m bench.libraries    writes docs/benchmarks/libraries.md
"""

import json
import subprocess

from bench.environments import ROOT, Command, ours, peers
from bench.report import write_table

LIBRARIES = {
    "lato": ("lato==0.13.0", "bench.peers.situations_lato"),
    "python-cqrs": ("python-cqrs==5.3.0", "bench.peers.situations_cqrs"),
    "bubus": ("bubus==1.5.6", "bench.peers.situations_bubus"),
}
SITUATIONS = [
    "A command that has no handler",
    "A second handler for one command",
    "A handler raises an event, then fails",
    "An event's handler fails",
]


def main() -> None:
    commands: dict[str, Command] = {
        requirement.replace("==", " "): peers(requirement, worker)
        for requirement, worker in LIBRARIES.values()
    }
    commands["this bus"] = ours("bench.workers.situations_ours")
    outcomes: dict[str, list[str]] = {}
    for name, command in commands.items():
        done = subprocess.run(
            command.arguments, env=command.variables, capture_output=True, text=True, check=True
        )
        outcomes[name] = json.loads(done.stdout.splitlines()[-1])
    rows = [[what, *(outcomes[name][n] for name in outcomes)] for n, what in enumerate(SITUATIONS)]
    write_table(ROOT / "docs/benchmarks/libraries.md", ["situation", *outcomes], rows)


if __name__ == "__main__":
    main()
