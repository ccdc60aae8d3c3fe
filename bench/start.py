"""What importing the bus and scanning handlers cost, beside the original."""

import subprocess
import tempfile
from pathlib import Path

from bench.environments import ours, peers
from bench.in_process import ORIGINAL
from bench.report import times, write_table
from bench.rounds import Spread

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
            done = subprocess.run(
                command.arguments,
                env=command.variables,
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            under, over = map(float, done.stdout.split())
            found[name].append((under, over))
    return [
        [
            what.format(name),
            f"{Spread.of([over for _, over in pairs[1:]]).median * 1000:.1f}",
            times(Spread.of([over / under for under, over in pairs[1:]])),
        ]
        for name, pairs in found.items()
    ]
