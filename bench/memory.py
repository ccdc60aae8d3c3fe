"""The bus's memory over many commands, through both doors at once."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from bench.environments import ours
from bench.report import thousands, write_table


def measure(folder: Path, marks: Sequence[int]) -> None:
    """Write memory.md: megabytes of the whole process after so many commands."""
    started: list[tuple[str, subprocess.Popen[str]]] = []
    for door in ("async", "sync"):
        command = ours("bench.workers.growth", door, *map(str, marks))
        process = subprocess.Popen(
            command.arguments, env=command.variables, stdout=subprocess.PIPE, text=True
        )
        started.append((door, process))
    rows: list[list[str]] = []
    for door, process in started:
        printed, _ = process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"bench.workers.growth {door} failed: see its traceback above")
        rows.append([f"this bus, {door}", *(f"{float(each):.1f} MB" for each in printed.split())])
    header = ["whole process", *(f"after {thousands(mark)}" for mark in marks)]
    write_table(folder / "memory.md", header, rows)
