"""One command, one SQL transaction, on SQLite: the reading club against sqlite3 by hand."""

from pathlib import Path

from bench.environments import ours
from bench.interleaving import Contender, Plan, ratios, run_rounds
from bench.plot import write_plot
from bench.report import between, times, write_table

HAND = "L, sqlite3 by hand"
CLUB = "the reading club"
WORKS = {
    HAND: "hand",
    "SQLAlchemy Core, blocking": "core",
    "the reading club, blocking": "blocking",
    CLUB: "club",
}


def measure(folder: Path, plan: Plan) -> None:
    """Write sqlite.md and sqlite.svg."""
    contenders = [
        Contender(name, HAND, ours("bench.workers.shelf_file", work))
        for name, work in WORKS.items()
    ]
    found = ratios(contenders, run_rounds(contenders, plan))
    rows = [[name, times(each), between(each)] for name, each in found.items()]
    write_table(folder / "sqlite.md", ["contender", "times L", "middle half"], rows)
    compared = {name: each for name, each in found.items() if name != HAND}
    write_plot(folder / "sqlite.svg", "Times sqlite3 by hand", compared, [CLUB])
