"""Which module imports what from where, and which class has which bases, in any form of a file.

A module stands for all of its forms: the top level's and those that chapters keep.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from tutorial.renaming.tree import Tree, module_of

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass
class Class:
    """The bases of a class by their full names, and the attributes that it defines."""

    bases: set[str] = field(default_factory=set[str])
    attributes: set[str] = field(default_factory=set[str])


class Index:
    """All modules at once, by full names such as `messagebus.bus.AsyncMessageBus`."""

    def __init__(self, tree: Tree) -> None:
        self.imported: dict[str, set[str]] = {}
        """Full name of what is imported, and the names under which modules have it then."""
        self.classes: dict[str, Class] = {}
        self.functions: set[str] = set()
        self.names: set[str] = set()
        """What the modules themselves define or assign."""
        self.unread: list[str] = []
        for path, text in tree.python():
            try:
                body = ast.parse(text).body
            except SyntaxError:
                self.unread.append(path)
                continue
            self._module(module_of(tree.state_path(path)), path, body)

    def aliases(self, full: str) -> set[str]:
        """The full name, and each under which another module has imported it."""
        known, ahead = {full}, [full]
        while ahead:
            fresh = self.imported.get(ahead.pop(), set()) - known
            known |= fresh
            ahead += fresh
        return known

    def family(self, full: str, attribute: str) -> set[str]:
        """The class, bases of it that define the attribute too, and all of their subclasses."""
        known = self.aliases(full)
        while True:
            more: set[str] = set()
            for name, found in self.classes.items():
                below = name not in known and found.bases & known
                above = {b for b in found.bases if self._defines(b, attribute)} - known
                if below:
                    more |= self.aliases(name)
                if name in known:
                    more |= {alias for b in above for alias in self.aliases(b)}
            if more <= known:
                return known
            known |= more

    def _defines(self, name: str, attribute: str) -> bool:
        originals = [each for each in self.classes if name in self.aliases(each)]
        return any(attribute in self.classes[each].attributes for each in originals)

    def _module(self, module: str, path: str, body: list[ast.stmt]) -> None:
        package = module if path.endswith("__init__.py") else module.rpartition(".")[0]
        local: dict[str, str] = {}
        for node in (each for statement in body for each in ast.walk(statement)):
            if isinstance(node, ast.ImportFrom):
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                source = ".".join([*above, node.module or ""]) if node.level else node.module or ""
                for alias in node.names:
                    local[alias.asname or alias.name] = f"{source}.{alias.name}"
        for name, full in local.items():
            self.imported.setdefault(full, set()).add(f"{module}.{name}")
        self._body(module, body, local)

    def _body(self, prefix: str, body: Iterable[ast.stmt], local: dict[str, str]) -> None:
        for node in body:
            for name in _named(node):
                full = f"{prefix}.{name}"
                self.names.add(full)
                if isinstance(node, ast.ClassDef):
                    known = self.classes.setdefault(full, Class())
                    known.bases |= {*self._bases(node, prefix, local)}
                    known.attributes |= {*_attributes(node)}
                    self._body(full, node.body, local)
                elif isinstance(node, Definition):
                    self.functions.add(full)
                    self._body(f"{full}.<locals>", node.body, local)

    def _bases(self, node: ast.ClassDef, prefix: str, local: dict[str, str]) -> Iterator[str]:
        module = prefix
        while module in self.classes or module.endswith("<locals>") or module in self.functions:
            module = module.rpartition(".")[0]
        for base in node.bases:
            while isinstance(base, ast.Subscript):
                base = base.value
            first, dot, rest = ast.unparse(base).partition(".")
            yield local.get(first, f"{module}.{first}") + dot + rest


def _named(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield node.name
        case ast.Assign(targets=targets):
            yield from (each.id for each in targets if isinstance(each, ast.Name))
        case ast.AnnAssign(target=ast.Name(id=name)):
            yield name
        case _:
            return


def _attributes(node: ast.ClassDef) -> Iterator[str]:
    for each in node.body:
        yield from _named(each)
    for below in ast.walk(node):
        match below:
            case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Store()):
                yield name
            case _:
                continue
