"""Measure the bus against bare calls and its peers, and write docs/benchmarks.

    nox -s bench             everything, three times, in half an hour on two quiet cores
    nox -s bench -- --quick  the same once, in a minute, to try the harness: no figure that counts,
                             so it writes to .bench/quick

The first run makes an environment for each peer in .bench, which takes another minute.
"""

import argparse
from pathlib import Path
from time import perf_counter

from bench import (
    concurrent_writers,
    http,
    import_rate,
    in_process,
    memory,
    one_transaction,
    relay,
    report,
    runs,
    sqlite,
    start,
    sync_sql,
    sync_variant,
    telemetry,
)
from bench.environments import ROOT, WORKSHOP
from bench.interleaving import Plan

RUNS = 3


def main() -> None:
    parser = argparse.ArgumentParser(prog="nox -s bench --", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds, written to .bench/quick")
    quick: bool = parser.parse_args().quick
    folder = WORKSHOP / "quick" if quick else ROOT / "docs" / "benchmarks"

    began = perf_counter()
    if quick:
        measure(folder, quick=True)
        measure_once(folder, quick=True)
    else:
        each = [WORKSHOP / f"run-{number}" for number in range(1, RUNS + 1)]
        for run in each:
            measure(run)
        measure_once(each[-1])
        runs.merge(each, folder)
    report.write_conditions(folder / "conditions.md", "nox -s bench")
    print(f"written to {folder.relative_to(ROOT)} after {perf_counter() - began:.0f} s")


def measure(folder: Path, *, quick: bool = False) -> None:
    """One whole run of what is compared."""
    plan = Plan(3, 0.03) if quick else Plan(11, 0.1)
    longer = Plan(3, 0.2) if quick else Plan(7, 0.5)
    in_process.measure(folder, plan)
    sync_variant.measure(folder, plan)
    telemetry.measure(folder, plan)
    one_transaction.measure(folder, plan, (100, 1_000, 10_000))
    sqlite.measure(folder, plan)
    sync_sql.measure(folder, longer)
    concurrent_writers.measure(folder, longer)
    http.measure(folder, longer)
    relay.measure(folder, longer)
    start.measure(folder, rounds=3 if quick else 9)


def measure_once(folder: Path, *, quick: bool = False) -> None:
    """The contenders without a comparison."""
    import_rate.measure(folder, (1_000, 5_000) if quick else (10_000, 100_000))
    memory.measure(folder, (1_000, 5_000, 10_000) if quick else (10_000, 100_000, 1_000_000))


if __name__ == "__main__":
    main()
