"""Two libraries that run SQLite off the event loop, compared: `python -m bench.threads`."""

import os
import subprocess
import sys

from bench.environments import ROOT, WORKSHOP, Command, ours
from bench.interleaving import Contender, Plan, ratios, run_rounds
from bench.report import between, times, write_conditions, write_table

AIOSQLITE = "aiosqlite==0.22.1"
WAYS = {
    "anyio": "anyio's worker threads",
    "aiosqlite": f"`AsyncEngine` over {AIOSQLITE.replace('==', ' ')}",
}


def beside(requirement: str) -> str:
    """A folder with a package that only one contender needs."""
    folder = WORKSHOP / requirement.replace("==", "-")
    if not folder.exists():
        install = [sys.executable, "-m", "uv", "pip", "install", "-q", "--no-deps"]
        trusting = os.environ | {"UV_SYSTEM_CERTS": "1"}
        subprocess.run([*install, "--target", str(folder), requirement], env=trusting, check=True)
    return str(folder)


def contender(way: str, at_once: str, packages: str) -> Contender:
    """The club over one of the ways."""
    command = ours("bench.workers.threads", way, at_once)
    path = os.pathsep.join([command.variables["PYTHONPATH"], packages])
    seeing = Command(command.arguments, command.variables | {"PYTHONPATH": path})
    return Contender(WAYS[way], WAYS["anyio"], seeing)


def main() -> None:
    packages = beside(AIOSQLITE)
    rows: list[list[str]] = []
    for at_once in ("1", "8", "50"):
        contenders = [contender(way, at_once, packages) for way in WAYS]
        found = ratios(contenders, run_rounds(contenders, Plan(7, 0.5)))
        rows += [[at_once, contender, times(it), between(it)] for contender, it in found.items()]
    header = ["at once", "the reading club over", f"times {WAYS['anyio']}", "middle half"]
    folder = ROOT / "docs" / "benchmarks"
    write_table(folder / "threads.md", header, rows)
    write_conditions(folder / "threads-conditions.md", "python -m bench.threads")


if __name__ == "__main__":
    main()
