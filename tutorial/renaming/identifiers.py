"""Where one Python file means the target: libcst reads scopes, patterns and f-strings alike."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field

import libcst as cst
from libcst.metadata import MetadataWrapper
from typing_extensions import override

from tutorial.renaming.scopes import Scopes
from tutorial.renaming.targets import Target

NAMING = {"getattr", "setattr", "hasattr", "delattr", "attrgetter", "methodcaller"}
FIXTURES = {"usefixtures", "getfixturevalue"}
EXPORTS = {"__all__", "__slots__", "__match_args__"}
STATEMENT = cst.BaseSmallStatement | cst.BaseCompoundStatement


@dataclass
class Found:
    """Offsets of what is meant, and what else has that name, or speaks of it."""

    meant: set[int] = field(default_factory=set[int])
    guessed: set[int] = field(default_factory=set[int])
    left: list[tuple[int, str]] = field(default_factory=list[tuple[int, str]])


def found_in(module: str, text: str, target: Target) -> Found:
    """All places of one file; SyntaxError where it is no Python."""
    try:
        wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    except cst.ParserSyntaxError as error:
        raise SyntaxError(error.message) from None
    finder = _Finder(module, text, target)
    wrapper.visit(finder)
    return finder.found


class _Finder(Scopes):
    def __init__(self, module: str, text: str, target: Target) -> None:
        super().__init__(module, text)
        self.target = target
        self.found = Found()
        self.word = re.compile(rf"(?<!\w){re.escape(target.old)}(?!\w)")

    @override
    def visit_Name(self, node: cst.Name) -> None:
        if node.value != self.target.old:
            return
        offset = self.offset_of(node)
        if self.target.everywhere:
            if not self._is_module(node):
                self.found.meant.add(offset)
            return
        match self.parent_of(node):
            case cst.Attribute(attr=attr) as dotted_name if attr is node:
                self._attribute(dotted_name, offset)
            case cst.ImportAlias(name=name) as alias if name is node:
                self._decide(offset, self._imported(alias))
            case cst.Arg(keyword=keyword) as argument if keyword is node:
                self._keyword(argument, offset)
            case cst.MatchKeywordElement(key=key) as element if key is node:
                self._pattern(element, offset)
            case _:
                self._decide(offset, bool(self.full_names(node) & {*self.target.names}))

    @override
    def visit_SimpleString(self, node: cst.SimpleString) -> None:
        self._text(node, node.value)

    @override
    def visit_FormattedStringText(self, node: cst.FormattedStringText) -> None:
        self._text(node, node.value)

    @override
    def visit_Comment(self, node: cst.Comment) -> None:
        self._text(node, node.value)

    def _text(self, node: cst.CSTNode, text: str) -> None:
        begin = self.offset_of(node)
        for found in self.word.finditer(text):
            is_prose = isinstance(node, cst.Comment) or self._is_docstring(node)
            if (
                self._names(node)
                or (is_prose and _spelled(self.target.old))
                or dotted(text, found) & {*self.target.names}
            ):
                self.found.meant.add(begin + found.start())
            else:
                kind = "comment" if isinstance(node, cst.Comment) else "string"
                kind = "docstring" if self._is_docstring(node) else kind
                self.found.left.append((begin + found.start(), kind))

    def _is_docstring(self, node: cst.CSTNode) -> bool:
        return isinstance(node, cst.SimpleString) and isinstance(self.parent_of(node), cst.Expr)

    def _names(self, node: cst.CSTNode) -> bool:
        """Whether a string names a symbol: in `__all__`, an annotation, a call of getattr."""
        member = bool(self.target.owners and self.target.guess)
        below: cst.CSTNode = node
        at = self.parent_of(below)
        while at is not None and not isinstance(at, STATEMENT):
            match at:
                case cst.Subscript(value=cst.Name("Literal")):
                    return False
                case cst.Annotation():
                    return self._is_own()
                case cst.Call(func=func):
                    called = _last(func)
                    first = bool(at.args) and at.args[0] is below
                    listed = called in FIXTURES or (called == "parametrize" and first)
                    if listed or (called in NAMING and not first):
                        return self.target.everywhere or member
                    return called == "cast" and first and self._is_own()
                case _:
                    below, at = at, self.parent_of(at)
        if isinstance(at, cst.Assign | cst.AnnAssign | cst.AugAssign):
            targets = at.targets if isinstance(at, cst.Assign) else [at]
            if {_last(each.target) for each in targets} & EXPORTS:
                return self._is_own() or member
        return False

    def _is_own(self) -> bool:
        """Whether the module's own name is meant."""
        return self.target.everywhere or f"{self.module}.{self.target.old}" in self.target.names

    def _is_module(self, node: cst.Name) -> bool:
        """Whether it names a module, which only a rename of its path may change."""
        below: cst.CSTNode = node
        at = self.parent_of(below)
        while isinstance(at, cst.Attribute):
            below, at = at, self.parent_of(at)
        if isinstance(at, cst.ImportAlias) and at.name is below:
            if isinstance(self.parent_of(at), cst.Import):
                return True
            return bool(self._sources(at) & {*self.target.modules})
        if isinstance(at, cst.ImportFrom):
            return True
        return bool(self.full_names(node) & {*self.target.modules})

    def _imported(self, alias: cst.ImportAlias) -> bool:
        return bool(self._sources(alias) & {*self.target.names})

    def _sources(self, alias: cst.ImportAlias) -> set[str]:
        statement = self.parent_of(alias)
        if (
            not isinstance(statement, cst.ImportFrom)
            or statement.module is None
            or statement.relative
        ):
            return set()
        return {f"{cst.Module([]).code_for_node(statement.module)}.{alias.evaluated_name}"}

    def _attribute(self, dotted_name: cst.Attribute, offset: int) -> None:
        if self.full_names(dotted_name) & {*self.target.names}:
            self.found.meant.add(offset)
        elif not self.target.owners:
            self.found.left.append((offset, "attribute"))
        elif owners := self.owners_of(dotted_name.value):
            self._decide(offset, bool(owners & {*self.target.owners}))
        elif self.target.guess:
            self.found.guessed.add(offset)
        else:
            self.found.left.append((offset, "attribute"))

    def _pattern(self, element: cst.MatchKeywordElement, offset: int) -> None:
        pattern = self.parent_of(element)
        if isinstance(pattern, cst.MatchClass):
            owners = self.full_names(pattern.cls)
            self._decide(offset, bool(owners & {*self.target.owners}))

    def _keyword(self, argument: cst.Arg, offset: int) -> None:
        call = self.parent_of(argument)
        if isinstance(call, cst.Call):
            known = {*self.target.callables}
            full = self.full_names(call.func) | self._constructed(call)
            methods = {each.rpartition(".")[2] for each in known if each.rpartition(".")[0]}
            by_method = isinstance(call.func, cst.Attribute) and _last(call.func) in methods
            self._decide(offset, bool(full & known) or by_method)

    def _constructed(self, call: cst.Call) -> set[str]:
        """The class that `super().__init__` or `cls` makes."""
        match call.func:
            case cst.Attribute(value=cst.Call(func=cst.Name("super"))) | cst.Name("cls"):
                return self.enclosing_of(call)
            case _:
                return set()

    def _decide(self, offset: int, meant: bool) -> None:
        if meant:
            self.found.meant.add(offset)
        else:
            self.found.left.append((offset, "name"))


def dotted(text: str, found: re.Match[str]) -> set[str]:
    """The dotted name that ends with what was found, as far as a text spells it."""
    before = re.search(r"[\w.]*$", text[: found.start()])
    return {(before[0] if before else "") + found[0]}


def _last(node: cst.CSTNode) -> str:
    match node:
        case cst.Attribute(attr=cst.Name(value=name)) | cst.Name(value=name):
            return name
        case _:
            return ""


def _spelled(word: str) -> bool:
    """Whether only code would write it so."""
    return bool(re.search(r"_|[a-z][A-Z]", word))


def replaced(text: str, offsets: Collection[int], old: str, new: str) -> str:
    """The text with `new` at each of these places of `old`."""
    for offset in sorted(offsets, reverse=True):
        text = text[:offset] + new + text[offset + len(old) :]
    return text
