"""A tutorial of two chapters in a repository of its own, for each test to break."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tutorial.book import ROOT, Book
from tutorial.errors import TutorialError
from tutorial.known import known_in
from tutorial.runs import Workshop
from tutorial.states import done, runs
from tutorial.told import check

SHELF = Path(__file__).with_name("shelf")
collect_ignore = ["shelf"]


class Shelf:
    """A copy of that repository."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def edit(self, path: str, old: str, new: str) -> None:
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text
        (self.root / path).write_text(text.replace(old, new, 1), encoding="utf-8")

    def change_a_line(self) -> None:
        """Let the second step change a line of a method that the first one wrote."""
        self.edit("reading_club/shelf.py", "append(title)", "append(title.strip())")
        told = "[include reading_club/shelf.py#imports]\n"
        page = "docs/tutorial/01-shelf.md"
        self.edit(page, told, f"{told}[include reading_club/shelf.py#Shelf.add]\n")

    def book(self) -> Book:
        return Book(self.root)

    def checked(self) -> list[str]:
        return _words(check(self.book()))

    def run(self) -> list[str]:
        book = self.book()
        return _words(done(runs(Workshop(book), book)))

    def build(self, *options: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "mkdocs", "build", "--strict", *options],
            cwd=self.root,
            env=os.environ | {"PYTHONPATH": str(ROOT), "NO_MKDOCS_2_WARNING": "1"},
            capture_output=True,
            text=True,
            check=False,
        )

    def git(self, *arguments: str) -> None:
        name = ["-c", "user.name=reader", "-c", "user.email=reader@localhost"]
        subprocess.run(["git", *name, *arguments], cwd=self.root, check=True, capture_output=True)

    def commit(self) -> None:
        self.git("init", "--quiet")
        self.git("add", "--all")
        self.git("commit", "--quiet", "-m", "as it was")


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """The shelf, which knows how each state ended that a test has run: only new ones run."""
    shelf = Shelf(tmp_path / "shelf")
    shutil.copytree(SHELF, shelf.root)
    known = known_in(ROOT).folder
    known.mkdir(exist_ok=True)
    known_in(shelf.root).folder.symlink_to(known)
    return shelf


def _words(wrong: list[TutorialError]) -> list[str]:
    return [str(one) for one in wrong]
