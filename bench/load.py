"""The HTTP entrypoint under a load that rises until it breaks, beside the same endpoints by hand.

python -m bench.load    writes docs/benchmarks/load.md and load.svg; it needs Node.js and npm

The load is open: loadtest asks at a steady rate, whether answers come or not. A rate is held as
long as nearly all of it is answered, without an error and with p99 below half a second.
"""

import json
import socket
import subprocess
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, sleep
from typing import NamedTuple

import httpx2

from bench.concurrent_writers import NAMES, databases
from bench.curves import write_curves
from bench.environments import ROOT, WORKSHOP, ours
from bench.http import WHAT
from bench.report import thousands, write_conditions, write_table
from bench.workers.http import server

LOADTEST = "loadtest@8.2.1"
WAYS = {"club": "the club", "hand": "by hand"}
RATES = (100, 200, 300, 400, 500, 600, 700, 800, 1000, 1200, 1500, 2000, 2500)
SECONDS = 5
HIGHEST_P99 = 500
NUMBERS = count(0, 100_000)


class Load(NamedTuple):
    """The result of a rate."""

    rate: int
    p50: float
    p99: float
    answered: float
    failed: int

    @property
    def held(self) -> bool:
        """Whether the server kept up with it."""
        return self.failed == 0 and self.answered > 0.97 * self.rate and self.p99 < HIGHEST_P99


def loadtest() -> Path:
    """The module of loadtest, installed once."""
    folder = WORKSHOP / "load"
    module = folder / "node_modules" / "loadtest" / "lib" / "loadtest.js"
    if not module.exists():
        folder.mkdir(parents=True, exist_ok=True)
        install = ["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder)]
        subprocess.run([*install, LOADTEST], check=True)
    return module


def loaded(module: Path, url: str, what: str, rate: int) -> Load:
    """Ask at a rate for some seconds."""
    script = ROOT / "bench" / "workers" / "load.mjs"
    arguments = [str(module), url, what, str(rate), str(SECONDS), str(next(NUMBERS))]
    done = subprocess.run(
        ["node", str(script), *arguments], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout)
    return Load(rate, **found)


def rising(module: Path, database: str, way: str, what: str) -> list[Load]:
    """Load upon load, until one is not held twice in a row."""
    found: list[Load] = []
    with server(database, way) as port:
        url = f"http://127.0.0.1:{port}"
        loaded(module, url, "register", 100)
        for rate in RATES:
            load = loaded(module, url, what, rate)
            sleep(1)
            if not load.held and (again := loaded(module, url, what, rate)).held:
                load = again
            print(database, WAYS[way], what, load, flush=True)
            found.append(load)
            if not load.held:
                break
            sleep(1)
    return found


def row(database: str, what: str, way: str, found: list[Load]) -> list[str]:
    """Its percentiles at a quarter of what it holds and at all of it, and where it breaks."""
    held = [each for each in found if each.held]
    calm = max((each for each in held if each.rate <= held[-1].rate / 4), default=held[0])
    broken = next((thousands(each.rate) for each in found if not each.held), "not reached")
    told = [f"{each.rate}/s: {each.p50:g}, {each.p99:g}" for each in (calm, held[-1])]
    return [f"{database}, {WHAT[what]}, {WAYS[way]}", *told, broken]


def free_port() -> str:
    """A free port."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return str(listening.getsockname()[1])


def seconds_to_serve() -> float:
    """From the start of `reading-club serve` to its first answer, on an empty file."""
    port = free_port()
    with TemporaryDirectory() as folder:
        command = ours("reading_club", "--database", f"{folder}/club.db", "serve", "--port", port)
        start = perf_counter()
        with subprocess.Popen(
            command.arguments, env=command.variables, stderr=subprocess.DEVNULL
        ) as process:
            while True:
                try:
                    httpx2.get(f"http://127.0.0.1:{port}/livez")
                    break
                except httpx2.ConnectError:
                    sleep(0.005)
            took = perf_counter() - start
            process.terminate()
    return took


def main() -> None:
    module = loadtest()
    folder = ROOT / "docs" / "benchmarks"
    found = {
        (database, what): {way: rising(module, database, way, what) for way in WAYS}
        for database in databases()
        for what in WHAT
    }
    rows = [
        row(database, what, way, loads)
        for (database, what), ways in found.items()
        for way, loads in ways.items()
    ]
    header = ["request", "calm: p50, p99 in ms", "most: p50, p99 in ms", "breaks at, a second"]
    write_table(folder / "load.md", header, rows)
    write_curves(
        folder / "load.svg",
        {
            f"{NAMES[database]}, {WHAT[what]}": {WAYS[way]: loads for way, loads in ways.items()}
            for (database, what), ways in found.items()
        },
        WAYS["club"],
    )
    starts = sorted(seconds_to_serve() for _ in range(7))
    first, middle, last = (f"{starts[index]:.2f}" for index in (0, 3, -1))
    write_table(
        folder / "serve.md",
        ["seconds from the start to the first answer", "median", "fastest", "slowest"],
        [["`reading-club serve`, seven times, on an empty file", middle, first, last]],
    )
    write_conditions(folder / "load-conditions.md", "python -m bench.load")


if __name__ == "__main__":
    main()
