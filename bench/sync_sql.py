"""The sync unit of work on a blocking engine, against the same statements without the bus."""

from pathlib import Path

from bench.concurrent_writers import NAMES, databases
from bench.environments import ours
from bench.interleaving import Contender, Plan, ratios, run_rounds
from bench.report import between, times, write_table


def measure(folder: Path, plan: Plan) -> None:
    """Write sync-sql.md."""
    rows: list[list[str]] = []
    for database in databases():
        contenders = [
            Contender(way, "engine", ours("bench.workers.sync_sql", database, way))
            for way in ("engine", "bus")
        ]
        found = ratios(contenders, run_rounds(contenders, plan))["bus"]
        rows.append([NAMES[database], times(found), between(found)])
    header = ["database", "the sync unit of work, times the same statements by hand", "middle half"]
    write_table(folder / "sync-sql.md", header, rows)
