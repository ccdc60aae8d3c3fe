"""A path and the module that it makes: its copies in chapters, its imports, its links."""

import ast
import os.path
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from tutorial.errors import TutorialError
from tutorial.renaming.identifiers import found_in, replaced
from tutorial.renaming.index import Index
from tutorial.renaming.targets import Target
from tutorial.renaming.tree import CLUB, PACKAGE, TEMPLATE, Tree, blanked, module_of

CHAPTER = re.compile(r"tutorial/chapters/(?P<slug>\d\d-[\w-]+)/?")
LINK = re.compile(r"(?<=\]\()(?P<to>[^()\s#:]+)(?=[#)])")


class PathRename:
    """What becomes of `old`, a file or a folder of the top level or of a state, and of its text."""

    def __init__(self, tree: Tree, old: str, new: str) -> None:
        self.tree = tree
        self.old, self.new = old.strip("/"), new.strip("/")
        self.moves = dict(self._moves())
        """Each file that moves, and where to."""
        if not self.moves:
            raise TutorialError(old, "there is no such file or folder", "Name one that git knows")
        for target in self.moves.values():
            if target in tree.texts and target not in self.moves:
                raise TutorialError(target, "the file is there already", "Name a new path")
        python = any(path.endswith(".py") for path in self.moves)
        self.modules = (module_of(self.old), module_of(self.new)) if python else None
        chapter = CHAPTER.fullmatch(self.old)
        self.slug = chapter["slug"] if chapter else ""
        if self.slug:
            self.modules = None

    def follow(self) -> None:
        """Rewrite every text, then move the files."""
        self._import_names()
        for path, text in self.tree.texts.items():
            self.tree.texts[path] = self._links(path, self._named(path, text))
        for old, new in self.moves.items():
            self.tree.move(old, new)

    def words(self) -> list[tuple[str, str]]:
        """What a recorded output says otherwise."""
        if self.slug:
            return [(self.slug, self.new.rpartition("/")[2])]
        return [(self.old, self.new), *([self.modules] if self.modules else [])]

    def left(self) -> Iterator[tuple[str, int, str]]:
        """Where a text may mean the path by its last part alone."""
        stem = PurePosixPath(self.old)
        if stem.name == PurePosixPath(self.new).name:
            return
        names = rf"(?<![\w/.-]){re.escape(stem.name)}(?![\w-])" if stem.suffix else ""
        word = names or rf"[\"'/]{re.escape(stem.name)}[\"'/]"
        quoted = rf"[\"']{re.escape(stem.stem)}[\"']"
        for path, text in self.tree.texts.items():
            for number, line in enumerate(text.splitlines(), start=1):
                if re.search(f"{word}|{quoted}", line) and not path.endswith(".lock"):
                    yield path, number, line.strip()

    def _moves(self) -> Iterator[tuple[str, str]]:
        for path in self.tree.texts:
            for known in (path, self.tree.state_path(path)):
                if known == self.old or known.startswith(f"{self.old}/"):
                    there = self.new + known.removeprefix(self.old)
                    if PACKAGE in path:
                        yield path, f"{TEMPLATE}{there.replace(CLUB, PACKAGE, 1)}"
                    else:
                        yield path, path.removesuffix(known) + there
                    break
            slug = CHAPTER.fullmatch(self.old)
            if slug and path.startswith("docs/") and path.endswith(f"/{slug['slug']}.md"):
                name = self.new.rpartition("/")[2]
                yield path, f"{path.rpartition('/')[0]}/{name}.md"

    def _named(self, path: str, text: str) -> str:
        if self.slug:
            name = self.new.rpartition("/")[2]
            return re.sub(rf"(?<![\w-]){re.escape(self.slug)}(?![\w-])", name, text)
        text = self._pattern(self.old).sub(lambda found: self._path(found, self.new), text)
        if self.old.startswith(f"{CLUB}/"):
            old, new = (each.replace(CLUB, PACKAGE, 1) for each in (self.old, self.new))
            text = self._pattern(old).sub(lambda found: self._path(found, new), text)
        if self.old.startswith("docs/") and path.endswith((".yml", ".toml")):
            old, new = self.old.removeprefix("docs/"), self.new.removeprefix("docs/")
            text = self._pattern(old).sub(lambda found: self._path(found, new), text)
        if not self.modules:
            return text
        old, new = self.modules
        text = re.sub(rf"(?<![\w.]){re.escape(old)}(?!\w)", new, text)
        in_regex = re.escape(old.replace(".", r"\."))
        text = re.sub(rf"(?<![\w.]){in_regex}(?!\w)", lambda _: new.replace(".", r"\."), text)
        if old.startswith(f"{CLUB}."):
            old, new = (each.replace(CLUB, PACKAGE, 1) for each in self.modules)
            text = re.sub(rf"(?<![\w.]){re.escape(old)}(?!\w)", new, text)
        return self._layers(text) if path == "pyproject.toml" else text

    def _pattern(self, old: str) -> re.Pattern[str]:
        return re.compile(rf"(?P<before>[\w./+@…-]*/)?(?<![\w-]){re.escape(old)}(?![\w-]|\.\w)")

    def _path(self, found: re.Match[str], new: str) -> str:
        """The new path, unless what stands before it makes it another file's."""
        before = found["before"] or ""
        path = before + self.old
        known = [p for p in self.tree.texts if p == path or p.startswith(f"{path}/")]
        if known and not self.moves.keys() & {*known}:
            return found[0]
        return before + new

    def _layers(self, text: str) -> str:
        """The names of a container's layers, in the contracts of import-linter."""
        (above, _, old), (_, _, new) = (each.rpartition(".") for each in self.modules or ("", ""))
        listed = rf'(containers = \["{re.escape(above)}"\].*?layers = \[)(.*?)(\n\])'
        found = re.search(listed, text, flags=re.S)
        beside = self.modules[1].rpartition(".")[0] if self.modules else ""
        if not found or beside != above:
            return text
        names = found[2].replace(f'"{old}"', f'"{new}"')
        return text[: found.start(2)] + names + text[found.end(2) :]

    def _links(self, path: str, text: str) -> str:
        """Links between pages, which are relative to their own."""
        if not path.endswith(".md") or self.slug:
            return text
        here, there = os.path.dirname(path), os.path.dirname(self.moves.get(path, path))

        def link(found: re.Match[str]) -> str:
            aim = os.path.normpath(os.path.join(here, found["to"]))
            goes = self.moves.get(aim, aim)
            if aim not in self.tree.texts or (goes == aim and here == there):
                return found["to"]
            return os.path.relpath(goes, there or ".")

        return LINK.sub(link, text)

    def _import_names(self) -> None:
        """`from PACKAGE import MODULE`, and the module's name in what follows."""
        if not self.modules:
            return
        (above, _, old), (beside, _, new) = (each.rpartition(".") for each in self.modules)
        if not above:
            return
        index = Index(self.tree)
        names = {each for each in index.aliases(self.modules[0]) if each.endswith(f".{old}")}
        for path, text in list(self.tree.python()):
            imports = re.search(rf"^\s*from {re.escape(above)} import", text, flags=re.M)
            if not imports or not re.search(rf"(?<!\w){old}(?!\w)", text):
                continue
            module = module_of(self.tree.state_path(path))
            try:
                meant = found_in(module, text, Target(old, new, names)).meant
            except SyntaxError:
                continue
            text = replaced(text, meant, old, new)
            if beside != above and meant:
                text = _apart(text, above, beside, new)
            self.tree.texts[path] = blanked(path, text)


def _apart(text: str, above: str, beside: str, name: str) -> str:
    """`from ABOVE import NAME` as an import from beside it, apart from its neighbours."""
    lines = text.splitlines(keepends=True)
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.ImportFrom) or node.module != above:
            continue
        mine = [each for each in node.names if each.name == name]
        if not mine:
            continue
        rest = [each for each in node.names if each.name != name]
        space = " " * node.col_offset
        made = [
            f"{space}from {source} import {', '.join(ast.unparse(each) for each in names)}\n"
            for source, names in ((above, rest), (beside, mine))
            if names
        ]
        end = node.end_lineno or node.lineno
        return "".join([*lines[: node.lineno - 1], *made, *lines[end:]])
    return text
