"""Symbols in what is no Python: directives, test ids, the calls of a diagram, code on pages."""

import re
from collections.abc import Iterator, Sequence

from tutorial.book import is_output
from tutorial.renaming.targets import Target
from tutorial.renaming.tree import Tree, module_of

DIRECTIVE = re.compile(
    r"^( *\[(?:include|remove) (?P<path>[^#\]]+)#)(?P<names>[^\]]+)(?=\]$)", re.M
)
TEST = re.compile(r"(?P<path>[\w./-]+\.py)::(?P<names>\w+(?:::\w+)*)")
CALL = re.compile(r'^"(?P<names>[\w.<>]+)"(?= = ")', re.M)
CODE = re.compile(r"^(?P<fence> *(?:```+|~~~+)).*?^(?P=fence)|`[^`\n]+`", re.M | re.S)
SAYS = re.compile(r"^(?:says|raises) = .*$", re.M)
WORD = re.compile(r"\w+")


class Pages:
    """Rewrites one text after the other, and knows whether the name means nothing else."""

    def __init__(self, tree: Tree, target: Target, sole: bool, within: Sequence[str] = ()) -> None:
        self.tree = tree
        self.within = tuple(within)
        self.target = target
        self.sole = sole
        self.word = re.compile(rf"(?<![\w-]){re.escape(target.old)}(?![\w-])")

    def renamed(self, path: str, text: str) -> str:
        """The text with the symbol under its new name, wherever it is spelled as one."""
        for name in self.target.names:
            new = f"{name.rpartition('.')[0]}.{self.target.new}"
            text = re.sub(rf"(?<![\w.]){re.escape(name)}(?!\w)", new, text)
        text = TEST.sub(lambda found: self._parts(found, "::"), text)
        if path.endswith("/chapter.toml") and not self.within:
            text = CALL.sub(self._call, text)
        if path.endswith(".md"):
            text = DIRECTIVE.sub(self._directive, text)
        if not self.sole:
            return text
        if path.endswith("/chapter.toml"):
            return SAYS.sub(lambda found: self.word.sub(self.target.new, found[0]), text)
        if path.endswith(".md"):
            return CODE.sub(lambda found: self.word.sub(self.target.new, found[0]), text)
        if is_output(self.tree.root / path) or path.startswith("docs/runs/"):
            return self.word.sub(self.target.new, text)
        return text

    def left(self, path: str, text: str) -> Iterator[tuple[str, int, str]]:
        """Lines that have the word still."""
        for number, line in enumerate(text.splitlines(), start=1):
            if self.word.search(line):
                yield path, number, line.strip()

    def _parts(self, found: re.Match[str], separator: str) -> str:
        if self._is_out(found["path"]):
            return found[0]
        module = module_of(found["path"].removeprefix("./"))
        names = self._spelled(module, found["names"].split(separator))
        return f"{found['path']}::{separator.join(names)}"

    def _directive(self, found: re.Match[str]) -> str:
        if self._is_out(found["path"]):
            return found[0]
        module = module_of(found["path"].strip())
        parts = re.split(r"(, *| replaces )", found["names"])
        parts[::2] = [self._part(module, each) for each in parts[::2]]
        return found[1] + "".join(parts)

    def _is_out(self, path: str) -> bool:
        """Whether the rename is kept to other folders."""
        return bool(self.within) and not path.strip().startswith(self.within)

    def _part(self, module: str, name: str) -> str:
        if name.startswith("from "):
            return name
        return ".".join(self._spelled(module, name.split(".")))

    def _call(self, found: re.Match[str]) -> str:
        made: list[str] = []
        parts = found["names"].split(".")
        for count, part in enumerate(parts, start=1):
            ends = "." + ".".join(parts[:count])
            meant = any(name.endswith(ends) for name in self.target.names)
            made.append(self._new(part, meant))
        return f'"{".".join(made)}"'

    def _spelled(self, module: str, parts: list[str]) -> Iterator[str]:
        for count, part in enumerate(parts, start=1):
            full = ".".join([module, *parts[:count]])
            yield self._new(part, full in self.target.names)

    def _new(self, part: str, meant: bool) -> str:
        found = WORD.match(part)
        if found and found[0] == self.target.old and (meant or self.target.everywhere):
            return self.target.new + part[found.end() :]
        return part
