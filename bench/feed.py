"""The cost of fifty readers of the feed for eight writers: `python -m bench.feed`.

Each round has two turns on one server, with the relay beside it: the writers alone, and the same
with the readers. Each reader has to get every event of its round.
"""

import asyncio
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from time import sleep

from bench.concurrent_writers import databases
from bench.environments import ROOT, ours
from bench.interleaving import Spread
from bench.report import between, thousands, times, write_conditions, write_table
from bench.workers.http import ask, registrations, server

READERS, WRITERS, REQUESTS, ROUNDS = 50, 8, 1500, 7
SETTLED = 1.0
"""Seconds in which the relay and the readers catch up."""


@contextmanager
def readers(port: int, after: int) -> Generator[None, None, None]:
    """Connected readers; at the end, each must have read all written events."""
    command = ours("bench.workers.readers", str(port), str(READERS), str(after))
    with subprocess.Popen(
        command.arguments,
        env=command.variables,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        if process.stdout is None or process.stdout.readline() != "connected\n":
            raise RuntimeError("the readers did not connect: see their traceback above")
        yield
        told, _ = process.communicate()
    if told.split() != [str(REQUESTS)] * 2:
        raise RuntimeError(f"of {REQUESTS} events the readers got {told}")


def rounds(port: int) -> list[tuple[float, float]]:
    """Seconds for the writers alone and with readers, round by round; the first is not counted."""
    waiting = registrations()
    found: list[tuple[float, float]] = []
    written = 0
    for _ in range(1 + ROUNDS):
        alone = asyncio.run(ask(port, waiting, REQUESTS, WRITERS))
        written += REQUESTS
        sleep(SETTLED)
        with readers(port, written):
            read = asyncio.run(ask(port, waiting, REQUESTS, WRITERS))
            written += REQUESTS
            sleep(SETTLED)
        found.append((alone, read))
    return found[1:]


def main() -> None:
    rows: list[list[str]] = []
    for database in databases():
        with server(database, "relayed") as port:
            found = rounds(port)
        rate = REQUESTS / Spread.of([alone for alone, _ in found]).median
        kept = Spread.of([alone / read for alone, read in found])
        rows.append([database, thousands(rate), times(kept), between(kept)])
    header = ["database", "written a second", f"times that, with {READERS} readers", "middle half"]
    write_table(ROOT / "docs" / "benchmarks" / "feed.md", header, rows)
    write_conditions(ROOT / "docs" / "benchmarks" / "feed-conditions.md", "python -m bench.feed")


if __name__ == "__main__":
    main()
