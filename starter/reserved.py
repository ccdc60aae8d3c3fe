"""Where a service would have one name for two things, read from what it is made of.

Each file's names are taken by scope, as the compiler sees them: a word is refused only where the
layout gives it to something else in the same scope. What a class has, tables, routes and modules
count as scopes.
"""

import ast
import inspect
import re
import symtable
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from fastapi import FastAPI

from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.entrypoints.http.bodies import ReviewersPage
from starter.derive import blank
from starter.words import answers

BLANK = re.compile(blank(r"(\w+)"))
ONE, MANY = "Xqjz", "Yqjz"
"""Names that no file has, in place of the model's and its plural."""

OURS = re.compile(f"{ONE}|{MANY}", re.IGNORECASE)
INHERITED = {*dir(ClubUnitOfWork), *dir(ReviewersPage)}
SERVED = {inspect.signature(FastAPI).parameters["openapi_url"].default.strip("/")}


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its blanks filled in."""
    return BLANK.sub(lambda found: values[found[1]], text)


def clash(files: Mapping[str, str], package: str, aggregate: str, plural: str) -> str | None:
    """The file in which a word of the model's would be that of something else, if there is one."""
    others = dict.fromkeys(("project", "prefix", "title", "messagebus"), package)
    held, meant = answers(ONE, MANY), answers(aggregate, plural)
    blanks = ("Aggregate", "Aggregates", "aggregate", "aggregates")
    words = {held[blank]: meant[blank] for blank in blanks}
    values = {"package": package, **others, **held}
    texts = {filled(path, values): filled(text, values) for path, text in files.items()}
    for path, names in _scopes(texts):
        real = [OURS.sub(lambda found: words[found[0]], name) for name in sorted(set(names))]
        if len(set(real)) < len(real):
            return OURS.sub(lambda found: words[found[0]], path)
    return None


def _scopes(texts: Mapping[str, str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Every file, as often as it has scopes, and the names in each that must differ."""
    for path, text in texts.items():
        folder = PurePosixPath(path).parent
        if OURS.search(path):
            beside = [PurePosixPath(each) for each in texts]
            yield path, [each.stem for each in beside if each.parent == folder]
        if path.endswith(".py") and OURS.search(text):
            module = symtable.symtable(text, path, "exec")
            scopes = list(_within(module))
            read = {
                each.get_name()
                for one in scopes
                for each in one.get_symbols()
                if each.is_referenced()
            }
            kept = [each for each in module.get_symbols() if _kept(each, read)]
            bound = [each.get_name() for each in kept if each.is_local()]
            yield path, [each.get_name() for each in kept]
            for scope in scopes[1:]:
                used = [each.get_name() for each in scope.get_symbols() if each.is_global()]
                yield path, [*bound, *used]
                yield path, list(scope.get_identifiers())
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.ClassDef):
                    yield path, [*_attributes(node), *INHERITED]
            yield path, re.findall(r'create_table\(\s*"(\w+)"', text)
    routes = [route for text in texts.values() for route in re.findall(r'"/([\w.-]+)', text)]
    yield "its routes", [*routes, *SERVED]


def _within(scope: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    yield scope
    for child in scope.get_children():
        yield from _within(child)


def _kept(symbol: symtable.Symbol, read: Collection[str]) -> bool:
    """Not so where it is an import that nothing uses: Ruff takes it out of the service."""
    return not symbol.is_imported() or symbol.get_name() in read


def _attributes(node: ast.ClassDef) -> Iterator[str]:
    for each in ast.walk(node):
        match each:
            case ast.Attribute(value=ast.Name("self"), attr=name, ctx=ast.Store()):
                yield name
            case ast.AnnAssign(target=ast.Name(name)):
                yield name
            case _:
                pass
