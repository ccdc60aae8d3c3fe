"""Several whole runs made one: the one in the middle is printed, with what all of them gave."""

import math
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from bench.report import write_table

Table = Sequence[Sequence[str]]

FACTOR = re.compile(r"[\d,]+(?:\.\d*)?")


def merge(runs: Sequence[Path], folder: Path) -> None:
    """Of each table, write the run in the middle, and a column of the least and most of all runs.

    In the middle is the run whose factors have the middle mean; its picture comes with it. What no
    factor is in is taken of the last run.
    """
    for file in sorted(runs[-1].glob("*.md")):
        header, *_ = _read(file)
        column = next((at for at, name in enumerate(header) if "times" in name), None)
        if column is None:
            shutil.copy(file, folder)
            continue
        tables = {run: _read(run / file.name) for run in runs}
        middle = _middle(tables, column)
        rows = [
            [*row, _range([table[number][column] for table in tables.values()])]
            for number, row in enumerate(tables[middle])
            if number
        ]
        write_table(folder / file.name, [*header, f"least and most of {len(runs)} runs"], rows)
        picture = (middle / file.name).with_suffix(".svg")
        if picture.exists():
            shutil.copy(picture, folder)


def _read(file: Path) -> Table:
    lines = file.read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for number, row in enumerate(rows) if number != 1]


def _middle(tables: Mapping[Path, Table], column: int) -> Path:
    def mean(run: Path) -> float:
        found = [_number(row[column]) for row in tables[run][1:]]
        return math.fsum(math.log(each) for each in found if each)

    return sorted(tables, key=mean)[len(tables) // 2]


def _number(cell: str) -> float:
    found = FACTOR.match(cell)
    return float(found[0].replace(",", "")) if found else 0.0


def _range(cells: Sequence[str]) -> str:
    ordered = sorted(cells, key=_number)
    return ordered[0] if len({*cells}) == 1 else f"{ordered[0]} to {ordered[-1]}"
