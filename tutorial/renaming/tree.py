"""The text files of a repository, each with the path at which a state or a service has it."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tutorial.errors import TutorialError

COPY = re.compile(r"tutorial/chapters/[^/]+/[^/]+/(.+)")
TEMPLATE = "starter/template/"
OPENED = "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}"
CLOSED = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
PACKAGE = f"{OPENED}package{CLOSED}"
"""How the starter's template writes the package that the top level calls CLUB."""

CLUB = "reading_club"
BLANK = re.compile(f"{OPENED}(\\w+){CLOSED}")
FILLED = re.compile(r"qzq(\w+?)qzq")
FOREIGN = ("bench/peers/original.py", "CHANGELOG.md")
"""Files whose names are another package's, or those of an earlier day."""


class Tree:
    """All text files that git knows or would add; a book inside of the repository is left out."""

    def __init__(self, root: Path) -> None:
        self.root = root
        listed = self._git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
        self.tracked = set(self._git("ls-files", "-z").split("\0"))
        paths = sorted({*filter(None, listed.split("\0"))})
        inner = tuple({p.partition("tutorial/chapters/")[0] for p in paths} - {"", *paths})
        self.texts: dict[str, str] = {}
        for path in paths:
            if path not in FOREIGN and not path.startswith(inner):
                self._read(path)
        self.before = dict(self.texts)

    def state_path(self, path: str) -> str:
        """The path as a chapter's state or a derived service has it."""
        if copy := COPY.fullmatch(path):
            return copy[1]
        return path.replace(f"{TEMPLATE}{PACKAGE}", CLUB)

    def python(self) -> Iterator[tuple[str, str]]:
        """Path and text of every Python file, a template's blanks filled in."""
        for path, text in self.texts.items():
            if path.endswith(".py"):
                yield path, filled(path, text)

    def move(self, old: str, new: str) -> None:
        """Move a file, by git where git knows it."""
        (self.root / new).parent.mkdir(parents=True, exist_ok=True)
        if old in self.tracked:
            self._git("mv", old, new)
        else:
            (self.root / old).rename(self.root / new)
        self.texts[new] = self.texts.pop(old)
        self.before[new] = self.before.pop(old)

    def changed(self) -> list[str]:
        """The files whose text is another one now."""
        return sorted(path for path, text in self.texts.items() if text != self.before[path])

    def save(self) -> None:
        """Write what changed."""
        for path in self.changed():
            (self.root / path).write_text(self.texts[path], encoding="utf-8")

    def reload(self, path: str) -> None:
        """Take the text that a formatter left."""
        self.texts[path] = (self.root / path).read_text(encoding="utf-8")

    def _read(self, path: str) -> None:
        file = self.root / path
        if not file.is_file() or file.is_symlink():
            return
        try:
            self.texts[path] = file.read_bytes().decode("utf-8")
        except UnicodeDecodeError:
            return

    def _git(self, *arguments: str) -> str:
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, capture_output=True, text=True, check=False
        )
        if done.returncode:
            message = done.stderr.strip().rstrip(".")
            raise TutorialError(f"git {arguments[0]}", message, "Settle that first")
        return done.stdout


def filled(path: str, text: str) -> str:
    """A template's Python with identifiers in place of its blanks."""
    if not path.startswith(TEMPLATE):
        return text
    return BLANK.sub(r"qzq\1qzq", text.replace(PACKAGE, CLUB))


def blanked(path: str, text: str) -> str:
    """The reverse of `filled`."""
    if not path.startswith(TEMPLATE):
        return text
    return FILLED.sub(rf"{OPENED}\1{CLOSED}", text.replace(CLUB, PACKAGE))


def module_of(path: str) -> str:
    """The dotted name of a file, or of a folder as a package."""
    return path.removesuffix(".py").removesuffix("/__init__").strip("/").replace("/", ".")
