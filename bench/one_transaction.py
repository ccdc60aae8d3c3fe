"""The cost of a command in a transaction of many, against one in a transaction of a hundred."""

from collections.abc import Sequence
from pathlib import Path

from bench.environments import ours
from bench.interleaving import Contender, Plan, ratios, run_rounds
from bench.report import between, thousands, times, write_table


def measure(folder: Path, plan: Plan, sizes: Sequence[int]) -> None:
    """Write one-transaction.md: the time of a command, as times that in the first size."""
    names = [f"{thousands(size)} commands" for size in sizes]
    contenders = [
        Contender(name, names[0], ours("bench.workers.one_transaction", str(size), "sync"))
        for name, size in zip(names, sizes, strict=True)
    ]
    found = ratios(contenders, run_rounds(contenders, plan))
    rows = [[name, times(each), between(each)] for name, each in found.items()]
    header = ["one transaction of", "a command, times the first", "middle half"]
    write_table(folder / "one-transaction.md", header, rows)
