"""What a Python file says of its names: full names, and classes of which a value is one."""

from collections.abc import Iterator

import libcst as cst
from libcst.metadata import (
    CodeRange,
    ParentNodeProvider,
    PositionProvider,
    QualifiedNameSource,
    Scope,
    ScopeProvider,
)


class Scopes(cst.CSTVisitor):
    """A visitor of one file that asks libcst for scopes, parents and positions."""

    METADATA_DEPENDENCIES = (ParentNodeProvider, PositionProvider, ScopeProvider)

    def __init__(self, module: str, text: str) -> None:
        super().__init__()
        self.module = module
        self.begins = [0]
        for line in text.splitlines(keepends=True):
            self.begins.append(self.begins[-1] + len(line))

    def owners_of(self, value: cst.BaseExpression) -> set[str]:
        """Classes of which the value is one, as far as the file says so."""
        match value:
            case cst.Call(func=cst.Name("super")):
                return self.enclosing_of(value)
            case cst.Call(func=func):
                full = self.full_names(func)
                return {each for each in full if each.rpartition(".")[2][:1].isupper()}
            case cst.Name(value=name):
                scope = self.scope_of(value)
                assigned = scope[name] if scope else set()
                nodes = [getattr(each, "node", None) for each in assigned]
                return {full for node in nodes for full in self._declared(node)}
            case _:
                return set()

    def _declared(self, node: cst.CSTNode | None) -> Iterator[str]:
        match node:
            case cst.Param(annotation=cst.Annotation(annotation=annotation)):
                yield from self._annotated(annotation)
            case cst.Param(name=cst.Name("self" | "cls")):
                yield from self.enclosing_of(node)
            case cst.Name():
                match self.parent_of(node):
                    case cst.AnnAssign(annotation=cst.Annotation(annotation=annotation)):
                        yield from self._annotated(annotation)
                    case cst.AssignTarget() as assigned:
                        statement = self.parent_of(assigned)
                        if isinstance(statement, cst.Assign):
                            yield from self.owners_of(statement.value)
                    case _:
                        return
            case _:
                return

    def _annotated(self, annotation: cst.BaseExpression) -> Iterator[str]:
        match annotation:
            case cst.Subscript(value=value):
                yield from self.full_names(value)
            case cst.BinaryOperation(left=left, right=right):
                yield from self._annotated(left)
                yield from self._annotated(right)
            case cst.Name(value="None"):
                return
            case _:
                yield from self.full_names(annotation)

    def enclosing_of(self, node: cst.CSTNode) -> set[str]:
        """The class around it."""
        at = self.parent_of(node)
        names: list[str] = []
        while at is not None:
            if isinstance(at, cst.ClassDef):
                names.insert(0, at.name.value)
            elif isinstance(at, cst.FunctionDef) and names:
                names[:0] = [at.name.value, "<locals>"]
            at = self.parent_of(at)
        return {".".join([self.module, *names])} if names else set()

    def full_names(self, node: cst.CSTNode) -> set[str]:
        """Full names that the scope gives it."""
        scope = self.scope_of(node)
        if scope is None:
            return set()
        return {
            each.name if each.source is QualifiedNameSource.IMPORT else f"{self.module}.{each.name}"
            for each in scope.get_qualified_names_for(node)
        }

    def scope_of(self, node: cst.CSTNode) -> Scope | None:
        """The scope in which the node stands."""
        found = self.get_metadata(ScopeProvider, node, None)
        return found if isinstance(found, Scope) else None

    def parent_of(self, node: cst.CSTNode) -> cst.CSTNode | None:
        """The node around it."""
        found = self.get_metadata(ParentNodeProvider, node, None)
        return found if isinstance(found, cst.CSTNode) else None

    def offset_of(self, node: cst.CSTNode) -> int:
        """Where the node begins in the text."""
        found = self.get_metadata(PositionProvider, node, None)
        assert isinstance(found, CodeRange)
        return self.begins[found.start.line - 1] + found.start.column
