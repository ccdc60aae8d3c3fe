"""The bus without observers, and with spans and metrics, against the plain one.

python -m bench.telemetry    writes docs/benchmarks/telemetry.md
"""

from pathlib import Path

from bench.environments import ROOT, ours
from bench.interleaving import Contender, Plan, ratios, run_rounds
from bench.report import between, times, write_table

WAYS = {
    "absent": "the bus alone",
    "unused": "a bus that can be observed, without observers",
    "api": "spans, without an SDK",
    "spans": "spans, by the SDK, kept nowhere",
    "metrics": "metrics",
    "both": "spans by the SDK, and metrics",
}


def measure(folder: Path, plan: Plan) -> None:
    """Write telemetry.md: the time of a command and its event, as times the bus alone."""
    first = WAYS["absent"]
    contenders = [
        Contender(name, first, ours("bench.workers.telemetry", way)) for way, name in WAYS.items()
    ]
    found = ratios(contenders, run_rounds(contenders, plan))
    rows = [[name, times(each), between(each)] for name, each in found.items()]
    write_table(folder / "telemetry.md", ["what is watched", "times the bus", "middle half"], rows)


if __name__ == "__main__":
    measure(ROOT / "docs" / "benchmarks", Plan(11, 0.1))
