"""The bus's memory over many commands, in both variants at once."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

from bench.environments import ours
from bench.report import thousands, write_table


def measure(folder: Path, marks: Sequence[int]) -> None:
    """Write memory.md: megabytes of the whole process after so many commands."""
    started: list[tuple[str, subprocess.Popen[str]]] = []
    for variant in ("async", "sync"):
        command = ours("bench.workers.growth", variant, *map(str, marks))
        process = subprocess.Popen(
            command.arguments, env=command.variables, stdout=subprocess.PIPE, text=True
        )
        started.append((variant, process))
    rows: list[list[str]] = []
    for variant, process in started:
        printed, _ = process.communicate()
        if process.returncode != 0:
            raise RuntimeError(f"bench.workers.growth {variant} failed: see its traceback above")
        rows.append(
            [f"this bus, {variant}", *(f"{float(each):.1f} MB" for each in printed.split())]
        )
    header = ["whole process", *(f"after {thousands(mark)}" for mark in marks)]
    write_table(folder / "memory.md", header, rows)
