"""The HTTP entrypoint against the same endpoints by hand, in FastAPI and SQLAlchemy."""

from pathlib import Path

from bench.concurrent_writers import databases
from bench.environments import ours
from bench.interleaving import Contender, Plan, ratios, run_rounds
from bench.report import between, times, write_table

WHAT = {"register": "register a book", "page": "a page of twenty books"}
HAND, CLUB = "FastAPI and SQLAlchemy by hand", "the reading club"


def measure(folder: Path, plan: Plan) -> None:
    """Write http.md: each endpoint, on each database that answers, by one and by eight clients."""
    rows: list[list[str]] = []
    for database in databases():
        for what, label in WHAT.items():
            for at_once in ("1", "8"):
                ways = {"hand": HAND, "club": CLUB}
                contenders = [
                    Contender(name, HAND, ours("bench.workers.http", database, way, what, at_once))
                    for way, name in ways.items()
                ]
                found = ratios(contenders, run_rounds(contenders, plan))[CLUB]
                rows.append([database, label, at_once, times(found), between(found)])
    header = ["database", "request", "clients", "the club, times by hand", "middle half"]
    write_table(folder / "http.md", header, rows)
