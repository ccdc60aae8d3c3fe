"""Seconds to import the bus, and to find the handlers of a package with it.

`start import` prints those of pydantic with one model built, then those of `messagebus` on top.
`start scan FOLDER` prints those of importing the bare handlers in FOLDER, then how much longer it
takes to import and to scan the marked ones.
"""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter


def import_times() -> Iterator[float]:
    start = perf_counter()
    pydantic = importlib.import_module("pydantic")
    pydantic.create_model("One", number=(int, ...))
    built = perf_counter()
    yield built - start
    importlib.import_module("messagebus")
    yield perf_counter() - built


def scan_times(folder: Path) -> Iterator[float]:
    from messagebus import AsyncMessageBus

    sys.path.append(str(folder))
    importlib.import_module("orders")
    start = perf_counter()
    import_all(folder, "bare")
    imported = perf_counter()
    yield imported - start
    import_all(folder, "marked")
    AsyncMessageBus().scan("marked")
    yield perf_counter() - imported - (imported - start)


def import_all(folder: Path, package: str) -> None:
    for module in sorted((folder / package).glob("handler_*.py")):
        importlib.import_module(f"{package}.{module.stem}")


if __name__ == "__main__":
    times = import_times() if sys.argv[1] == "import" else scan_times(Path(sys.argv[2]))
    print(*times)
