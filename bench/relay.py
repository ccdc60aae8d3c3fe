"""The relay's cost over the bare writes of its stream, by the size of its batches."""

from pathlib import Path

from bench.environments import ours
from bench.interleaving import Contender, Plan, Spread, ratios, run_rounds
from bench.report import thousands, times, write_table

BATCHES = (1, 10, 100, 500)
STREAMS = {"table": "a table", "lines": "a file of lines"}


def measure(folder: Path, plan: Plan) -> None:
    """Write relay.md: messages a second from an SQLite file, and times the stream's own writes."""
    rows: list[list[str]] = []
    for to, name in STREAMS.items():
        for batch in BATCHES:
            contenders = [
                Contender(kind, "bare", ours("bench.workers.relaying", kind, to, str(batch)))
                for kind in ("bare", "relay")
            ]
            rounds = run_rounds(contenders, plan)
            rate = 1 / Spread.of([turn["relay"] for turn in rounds]).median
            found = ratios(contenders, rounds)["relay"]
            rows.append([f"{name}, batches of {batch}", thousands(rate), times(found)])
    header = ["to", "messages a second", "times the bare writes"]
    write_table(folder / "relay.md", header, rows)
