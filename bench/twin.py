"""The sync twin on SQLAlchemy's blocking engine, against the same statements without the bus."""

from pathlib import Path

from bench.crowd import NAMES, databases
from bench.environments import ours
from bench.report import between, times, write_table
from bench.rounds import Contender, Plan, ratios, run_rounds


def measure(folder: Path, plan: Plan) -> None:
    """Write twin.md."""
    rows: list[list[str]] = []
    for database in databases():
        contenders = [
            Contender(way, "engine", ours("bench.workers.twin", database, way))
            for way in ("engine", "bus")
        ]
        found = ratios(contenders, run_rounds(contenders, plan))["bus"]
        rows.append([NAMES[database], times(found), between(found)])
    header = ["database", "the sync twin, times the same statements by hand", "middle half"]
    write_table(folder / "twin.md", header, rows)
