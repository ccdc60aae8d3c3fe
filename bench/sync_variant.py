"""Three ways to use the bus from code that does not await, against the sync variant."""

from pathlib import Path

from bench.environments import ours
from bench.interleaving import Contender, Plan, ratios, run_rounds
from bench.report import between, times, write_table

WAYS = {
    "driven": "the sync variant",
    "threaded": "the async variant, in a loop that a thread keeps running",
    "run": "the async variant, by asyncio.run for each command",
}


def measure(folder: Path, plan: Plan) -> None:
    """Write sync-variant.md: the time of a command, as times that of the sync variant."""
    first = WAYS["driven"]
    contenders = [
        Contender(name, first, ours("bench.workers.sync_variant", way))
        for way, name in WAYS.items()
    ]
    found = ratios(contenders, run_rounds(contenders, plan))
    rows = [[name, times(each), between(each)] for name, each in found.items()]
    write_table(folder / "sync-variant.md", ["way", "times the sync variant", "middle half"], rows)
