"""What a file of a state can depend on there: itself, what it imports, and so on."""

import ast
import hashlib
from collections.abc import Iterator
from functools import cache

from tutorial.book import State


def digests(state: State) -> dict[str, str]:
    """For each Python file, a digest of all that a type checker can read from it."""
    code = {path: text for path, text in state.items() if path.endswith(".py")}
    direct = {path: {*_found(state, _imported(text))} for path, text in code.items()}
    return {path: _digest(state, path, _reached(path, direct)) for path in code}


@cache
def _imported(text: str) -> frozenset[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = node.module or ""
            names |= {module, *(f"{module}.{each.name}" for each in node.names)}
    return frozenset(names)


def _found(state: State, names: frozenset[str]) -> Iterator[str]:
    for name in names:
        parts = name.split(".")
        for count in range(1, len(parts) + 1):
            module = "/".join(parts[:count])
            yield from {f"{module}.py", f"{module}/__init__.py"} & state.keys()


def _reached(path: str, direct: dict[str, set[str]]) -> set[str]:
    reached, ahead = {path}, [path]
    while ahead:
        further = direct[ahead.pop()] - reached
        reached |= further
        ahead += further
    return reached


def _digest(state: State, path: str, reached: set[str]) -> str:
    content = "\0".join([path, *(f"{each}\0{state[each]}" for each in sorted(reached))])
    return hashlib.sha256(content.encode()).hexdigest()
