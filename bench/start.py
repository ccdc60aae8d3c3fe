"""The cost of importing the bus and scanning handlers, beside the original; the club's help."""

import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

from bench.environments import Command, ours, peers
from bench.in_process import ORIGINAL
from bench.interleaving import Spread
from bench.report import times, write_table

MODULES = 200

MESSAGES = """\
from messagebus import Command, Metadata
"""
MESSAGE = """
class Order{number}(Command):
    text: str
    metadata: Metadata = Metadata(name="order_{number}", schema_version=1)
"""
HANDLER = """\
from typing import Any

from messagebus import async_listen
from orders import Order{number}


{mark}async def handle(command: Order{number}, uow: Any) -> None:
    pass
"""


def write_handlers(folder: Path) -> None:
    """Write modules with a handler each, once bare and once marked, and one of their commands."""
    numbers = range(MODULES)
    orders = MESSAGES + "".join(MESSAGE.format(number=number) for number in numbers)
    (folder / "orders.py").write_text(orders, encoding="utf-8")
    for package, mark in ("bare", ""), ("marked", "@async_listen\n"):
        (folder / package).mkdir()
        (folder / package / "__init__.py").touch()
        for number in numbers:
            handler = HANDLER.format(number=number, mark=mark)
            (folder / package / f"handler_{number}.py").write_text(handler, encoding="utf-8")


def measure(folder: Path, rounds: int) -> None:
    """Write start.md: each time over the one that no bus can avoid."""
    with tempfile.TemporaryDirectory() as place:
        write_handlers(Path(place))
        rows = [
            *_rows("import, {}", rounds, "import"),
            *_rows(f"scan of {MODULES} modules, {{}}", rounds, "scan", place),
            _venusian_row(rounds),
            _help_row(rounds),
        ]
    write_table(folder / "start.md", ["what", "milliseconds", "times what is under it"], rows)


def _rows(what: str, rounds: int, *arguments: str) -> list[list[str]]:
    starts = {
        "this bus": ours("bench.workers.start", *arguments),
        "the original": peers(ORIGINAL, "bench.workers.start", *arguments),
    }
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in starts}
    for _ in range(1 + rounds):
        for name, command in starts.items():
            found[name].append(_under_and_over(command))
    return [_row(what.format(name), pairs[1:]) for name, pairs in found.items()]


def _venusian_row(rounds: int) -> list[str]:
    """The modules that the first mark or scan imports after the bus."""
    command = ours("bench.workers.start", "venusian")
    pairs = [_under_and_over(command) for _ in range(1 + rounds)]
    return _row("import of venusian, at the first mark", pairs[1:])


def _under_and_over(command: Command) -> tuple[float, float]:
    done = subprocess.run(
        command.arguments, env=command.variables, stdout=subprocess.PIPE, text=True, check=True
    )
    under, over = map(float, done.stdout.split())
    return under, over


def _help_row(rounds: int) -> list[str]:
    """The whole process, over an interpreter that does nothing."""
    help_ = ours("reading_club", "--help")
    nothing = Command([sys.executable, "-P", "-c", "pass"], help_.variables)
    pairs: list[tuple[float, float]] = []
    for _ in range(1 + rounds):
        under, total = _seconds(nothing), _seconds(help_)
        pairs.append((under, total - under))
    return _row("`reading-club --help`", pairs[1:])


def _seconds(command: Command) -> float:
    start = perf_counter()
    subprocess.run(command.arguments, env=command.variables, stdout=subprocess.DEVNULL, check=True)
    return perf_counter() - start


def _row(what: str, pairs: Sequence[tuple[float, float]]) -> list[str]:
    return [
        what,
        f"{Spread.of([over for _, over in pairs]).median * 1000:.1f}",
        times(Spread.of([over / under for under, over in pairs])),
    ]
