"""Where the parts of a Python file stand: functions, classes, assignments, imports, docstrings.

A part is named as a reader would name it: `Book`, `Book.messages`, `imports`, `docstring`,
`Book.docstring`. `Book.head` is a class up to its first method, or with it where nothing stands
before it; `from messagebus.ports` is one of the imports; `_bus.scan` is the statement that calls
it. Functions of one name in a row (overloads) are one part. A comment right above a part belongs
to it, and so does a docstring right below an assignment.
"""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import takewhile

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Part:
    """One addressable piece of a file; lines are counted from 1 and `last` is included."""

    name: str
    first: int
    last: int
    defines: bool
    node: ast.stmt = field(compare=False, repr=False)

    def __contains__(self, line: int) -> bool:
        return self.first <= line <= self.last


@lru_cache(maxsize=4096)
def parts_of(text: str, container: str = "") -> Sequence[Part]:
    """The parts of a file, or of the class that `container` names, in their order.

    A chapter's listings ask for the same few files hundreds of times.
    """
    body: list[ast.stmt] = _parsed(text).body
    prefix = ""
    for name in filter(None, container.split(".")):
        owner = next((n for n in body if isinstance(n, ast.ClassDef) and n.name == name), None)
        if owner is None:
            raise LookupError(container)
        body = owner.body
        prefix += f"{name}."
    return tuple(_merged(_parts(body, text.splitlines(), prefix)))


@lru_cache(maxsize=1024)
def _parsed(text: str) -> ast.Module:
    return ast.parse(text)


def find(text: str, name: str) -> Part:
    """The part of that name; LookupError where the file has none."""
    if name.startswith("from "):
        return _imported(text, name)
    container, _, last = name.rpartition(".")
    if last == "head" and (head := _head(text, container)):
        return head
    for part in parts_of(text):
        if part.name == name:
            return part
    if container:
        for part in parts_of(text, container):
            if part.name == name:
                return part
    raise LookupError(name)


def _imported(text: str, name: str) -> Part:
    for node in _parsed(text).body:
        if isinstance(node, ast.ImportFrom) and name == f"from {node.module}":
            return Part(name, node.lineno, node.end_lineno or node.lineno, False, node)
    raise LookupError(name)


def container_of(text: str, name: str) -> str:
    """The class in which the part stands, empty for a part of the module."""
    if name.startswith("from "):
        return ""
    if name.endswith(".head"):
        name = name.removesuffix(".head")
    if any(part.name == name for part in parts_of(text)):
        return ""
    return name.rpartition(".")[0]


def name_at(text: str, line: int) -> str:
    """The smallest part that holds the line, empty where none does."""
    for part in parts_of(text):
        if line in part:
            if isinstance(part.node, ast.ClassDef):
                inner = (p.name for p in parts_of(text, part.name) if line in p and p.defines)
                return next(inner, part.name)
            return part.name
    return ""


def _parts(body: Iterable[ast.stmt], lines: list[str], prefix: str) -> Iterator[Part]:
    name = ""
    for index, node in enumerate(body):
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))])
        while first > 1 and lines[first - 2].lstrip().startswith("#"):
            first -= 1
        last = node.end_lineno or node.lineno
        if not _is_docstring(node):
            name = _name(node)
        elif index == 0:
            name = "docstring"
        yield Part(f"{prefix}{name}", first, last, isinstance(node, Definition), node)


def _merged(parts: Iterable[Part]) -> Iterator[Part]:
    waiting: Part | None = None
    for part in parts:
        if waiting and waiting.name == part.name:
            waiting = Part(part.name, waiting.first, part.last, part.defines, part.node)
            continue
        if waiting:
            yield waiting
        waiting = part
    if waiting:
        yield waiting


def _head(text: str, name: str) -> Part | None:
    try:
        owner = find(text, name)
        inner = parts_of(text, name)
    except LookupError:
        return None
    before = list(takewhile(lambda part: not part.defines, inner))
    return Part(f"{name}.head", owner.first, (before or inner[:1])[-1].last, True, owner.node)


def _is_docstring(node: ast.stmt) -> bool:
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


def _name(node: ast.stmt) -> str:
    if isinstance(node, Definition):
        return node.name
    if isinstance(node, ast.Import | ast.ImportFrom):
        return "imports"
    if isinstance(node, ast.If):
        test = ast.unparse(node.test)
        if test.endswith("TYPE_CHECKING"):
            return "imports"
        return "__main__" if "__main__" in test else f"if {test}"
    if isinstance(node, ast.AugAssign):
        return f"{ast.unparse(node.target)} +="
    if isinstance(node, ast.AnnAssign):
        return ast.unparse(node.target)
    if isinstance(node, ast.Assign):
        target = node.targets[0]
        return ast.unparse(target.elts[0] if isinstance(target, ast.Tuple) else target)
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        return ast.unparse(node.value.func)
    return ast.unparse(node).partition("\n")[0]
