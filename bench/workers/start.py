"""Seconds to import the bus, and to find the handlers of a package with it.

`start import` prints those of pydantic with one model built, then those of `messagebus` on top.
`start venusian` prints those of `messagebus`, then those of venusian on top.
`start scan FOLDER` prints those of importing the bare handlers in FOLDER, then how much longer it
takes to import and to scan the marked ones; venusian's own import lies under both.
"""

import importlib
import importlib.util
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


def venusian_times() -> Iterator[float]:
    importlib.import_module("pydantic")
    start = perf_counter()
    importlib.import_module("messagebus")
    imported = perf_counter()
    yield imported - start
    importlib.import_module("venusian")
    yield perf_counter() - imported


def scan_times(folder: Path) -> Iterator[float]:
    from messagebus import AsyncMessageBus

    sys.path.append(str(folder))
    importlib.import_module("orders")
    if importlib.util.find_spec("venusian"):
        importlib.import_module("venusian")
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
    match sys.argv[1:]:
        case ["import"]:
            times = import_times()
        case ["venusian"]:
            times = venusian_times()
        case [_, folder]:
            times = scan_times(Path(folder))
        case _:
            sys.exit(__doc__)
    print(*times)
