"""Imports and `__all__`: a reader adds and removes names, and a formatter puts them in order.

The order is that of Ruff: `from __future__`, the standard library, other packages, the project's
own; in a statement constants first, then classes, then the rest. What fits into 100 columns stands
on one line, unless it was broken into several before.
"""

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from tutorial.book import TOLD
from tutorial.changes import Mark, Row

COLLECTED = ("imports", "__all__")
WIDTH = 100
SHOWN_WIDTH = 88

Module = tuple[str, bool]
"""A module, and whether its names are imported from it."""


def rows_of(old: str, new: str) -> list[Row] | None:
    """A row for the removed and for the added names of each module; None where it takes more."""
    before, after = _names(old), _names(new)
    if before is None or after is None:
        return None
    made: list[Row] = []
    for module in sorted(before.keys() | after.keys(), key=_section):
        was, now = before.get(module, []), after.get(module, [])
        for mark, names in ((Mark.GONE, [*_but(was, now)]), (Mark.NEW, [*_but(now, was)])):
            made += [Row(mark, line) for line in _statements(module, names)]
    return made


def applied(old: str, rows: Iterable[Row]) -> str:
    """The lines in order, with the rows' names added and removed."""
    names = _names(old)
    if names is None:
        raise LookupError("something else than names")
    for row in rows:
        for module, changed in (_names(row.text) or {}).items():
            there = names.setdefault(module, [])
            if row.mark == Mark.NEW:
                there += changed
            else:
                for name in changed:
                    if name not in there:
                        raise LookupError(f"the name {name}")
                    there.remove(name)
    broken = {module for module in names if _is_broken(old, module)}
    return _text(names, broken)


def _names(text: str) -> dict[Module, list[str]] | None:
    """The names by their modules; those of `__all__` have none."""
    made: defaultdict[Module, list[str]] = defaultdict(list)
    if ALL.match(text) or re.match(r'"\w+",', text):
        made[("", False)] = re.findall(r'"(\w+)"', text)
        return dict(made)
    try:
        body = ast.parse(text).body
    except SyntaxError:
        return None
    for node in body:
        if isinstance(node, ast.Import):
            for each in node.names:
                made[(_as(each), False)].append("")
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            made[(node.module, True)] += [_as(each) for each in node.names]
        else:
            return None
    return dict(made)


ALL = re.compile(r"__all__ = \[")


def _as(alias: ast.alias) -> str:
    return f"{alias.name} as {alias.asname}" if alias.asname else alias.name


def _but(names: Sequence[str], others: Sequence[str]) -> Iterator[str]:
    return (name for name in names if name not in others)


def _statements(module: Module, names: list[str]) -> Iterator[str]:
    """One line, or a few where one would be too long to read beside its caption."""
    if not names:
        return
    line = ""
    for name in sorted(names, key=_rank):
        longer = _statement(module, [*_listed(line), name])
        if line and len(longer) > SHOWN_WIDTH:
            yield line
            longer = _statement(module, [name])
        line = longer
    yield line


def _listed(line: str) -> list[str]:
    if not line or line.startswith("import "):
        return []
    if line.startswith('"'):
        return re.findall(r'"(\w+)"', line)
    return line.partition(" import ")[2].split(", ")


def _statement(module: Module, names: list[str]) -> str:
    name, has_names = module
    if has_names:
        return f"from {name} import {', '.join(names)}"
    return f"import {name}" if name else " ".join(f'"{each}",' for each in names)


def _text(names: dict[Module, list[str]], broken: set[Module]) -> str:
    if ("", False) in names:
        # Ruff puts capitals first here, and passes them by among imports.
        return _all(sorted(names[("", False)], key=lambda name: _rank(name)[::2]), broken)
    sections: list[str] = []
    modules = sorted((module for module in names if names[module]), key=_section)
    for _, section in groupby(modules, key=lambda module: _section(module)[0]):
        lines = [_import(module, sorted(names[module], key=_rank), broken) for module in section]
        sections.append("\n".join(lines))
    return "\n\n".join(sections)


def _import(module: Module, names: list[str], broken: set[Module]) -> str:
    line = _statement(module, names)
    if not module[1] or (len(line) <= WIDTH and module not in broken):
        return line
    return "\n".join([f"from {module[0]} import (", *(f"    {name}," for name in names), ")"])


def _all(names: list[str], broken: set[Module]) -> str:
    quoted = [f'"{name}"' for name in names]
    line = f"__all__ = [{', '.join(quoted)}]"
    if len(line) <= WIDTH and not broken:
        return line
    return "\n".join(["__all__ = [", *(f"    {name}," for name in quoted), "]"])


def _is_broken(text: str, module: Module) -> bool:
    name, has_names = module
    begins = f"from {name} import (" if has_names else "__all__ = [" if not name else "import"
    return f"{begins}\n" in text


def _section(module: Module) -> tuple[int, bool, str, str]:
    name, has_names = module
    root = name.partition(".")[0].partition(" ")[0]
    section = 1 if root in sys.stdlib_module_names else 3 if root in TOLD else 2
    return 0 if root == "__future__" else section, has_names, name.lower(), name


def _rank(name: str) -> tuple[int, str, str]:
    kind = 0 if len(name) > 1 and name.isupper() else 1 if name[:1].isupper() else 2
    return kind, name.lower(), name
