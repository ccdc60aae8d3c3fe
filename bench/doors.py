"""Three ways to use the bus from code that does not await, against the sync door."""

from pathlib import Path

from bench.environments import ours
from bench.report import between, times, write_table
from bench.rounds import Contender, Plan, ratios, run_rounds

WAYS = {
    "driven": "the sync door",
    "threaded": "the async door, in a loop that a thread keeps running",
    "run": "the async door, by asyncio.run for each command",
}


def measure(folder: Path, plan: Plan) -> None:
    """Write doors.md: the time of a command, as times that behind the sync door."""
    first = WAYS["driven"]
    contenders = [
        Contender(name, first, ours("bench.workers.doors", way)) for way, name in WAYS.items()
    ]
    found = ratios(contenders, run_rounds(contenders, plan))
    rows = [[name, times(each), between(each)] for name, each in found.items()]
    write_table(folder / "doors.md", ["way", "times the sync door", "middle half"], rows)
