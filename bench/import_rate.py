"""The reading club's import of a file made by a script: rows a second, and peak memory."""

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from bench.books import write_csv
from bench.environments import ours
from bench.report import thousands, write_table


def import_rows(count: int) -> tuple[float, float]:
    """Seconds and peak megabytes of the club's own command, from its start to its end."""
    with tempfile.TemporaryDirectory() as folder:
        file, database = Path(folder) / "books.csv", Path(folder) / "shelf.db"
        write_csv(file, count)
        command = ours("reading_club", "--database", str(database), "import", str(file), "--json")
        report = Path(folder) / "report.json"
        with report.open("w", encoding="utf-8") as out:
            start = perf_counter()
            process = subprocess.Popen(command.arguments, env=command.variables, stdout=out)
            _, status, usage = os.wait4(process.pid, 0)
            seconds = perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            raise RuntimeError(
                f"the import of {count} good rows ended with {process.returncode}: "
                f"{report.read_text(encoding='utf-8')[:500]}"
            )
    return seconds, usage.ru_maxrss * 1024 / 1e6


def measure(folder: Path, counts: Sequence[int]) -> None:
    """Write import.md."""
    rows: list[list[str]] = []
    for count in counts:
        seconds, megabytes = import_rows(count)
        rows.append(
            [
                f"{thousands(count)} rows",
                f"{seconds:.1f} s",
                thousands(count / seconds),
                f"{megabytes:.0f} MB",
            ]
        )
    write_table(folder / "import.md", ["file", "time", "rows a second", "peak memory"], rows)
