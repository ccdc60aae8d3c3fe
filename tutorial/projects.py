"""A chapter's state as a project that runs by itself, and all states as a git history."""

import os
import shutil
import subprocess
from pathlib import Path

from tutorial.book import Book, Stage, State
from tutorial.errors import TutorialError
from tutorial.runs import write

README = """\
# The reading club after {state}: {title}

Make an environment, then run the tests:

    python3 -m venv .venv
    .venv/bin/pip install -r requirements.txt
    .venv/bin/python -m pytest

What this chapter adds: {adds}
"""
NOBODY = {
    f"GIT_{who}_{what}": value
    for who in ("AUTHOR", "COMMITTER")
    for what, value in (
        ("NAME", "The tutorial"),
        ("EMAIL", "tutorial@localhost"),
        ("DATE", "2000-01-01T00:00:00Z"),
    )
}


def start(book: Book, name: str, folder: Path) -> str:
    """Write the state after a chapter, or after one of its steps, into a new folder."""
    stage = book.stage(name)
    if folder.exists() and any(folder.iterdir()):
        rule = "the folder is not empty"
        raise TutorialError(str(folder), rule, "Name a new one; nothing was written")
    for path, text in _project(stage).items():
        write(folder / path, text)
        (folder / path).touch()
    return f"{folder} holds the state after {_words(stage)}; its README has the command"


def history(book: Book, folder: Path) -> str:
    """One commit a step and one tag a chapter, in a new repository."""
    if folder.exists():
        raise TutorialError(str(folder), "the folder is there already", "Name a new one")
    folder.mkdir(parents=True)
    _git(folder, "init", "--quiet", "--initial-branch=tutorial")
    for stage in book.stages:
        for entry in folder.iterdir():
            if entry.is_dir() and entry.name != ".git":
                shutil.rmtree(entry)
            elif entry.is_file():
                entry.unlink()
        for path, text in _project(stage).items():
            write(folder / path, text)
        _git(folder, "add", "--all")
        subject = f"Chapter {stage.chapter.number}, {stage.step.slug}"
        _git(folder, "commit", "--quiet", "-m", f"{subject}\n\n{stage.chapter.title}")
        if stage is book.last(stage.chapter):
            _git(folder, "tag", f"chapter-{stage.chapter.number:02}")
    return _git(folder, "log", "--oneline", "--decorate", "--reverse").strip()


def _project(stage: Stage) -> State:
    chapter = stage.chapter
    words = README.format(state=_words(stage), title=chapter.title, adds=chapter.adds)
    return stage.after | {"README.md": words, ".gitignore": ".venv/\n__pycache__/\n"}


def _words(stage: Stage) -> str:
    if stage.step is stage.chapter.steps[-1]:
        return f"chapter {stage.chapter.number}"
    return f"step {stage.number}"


def _git(folder: Path, *arguments: str) -> str:
    environ = os.environ | NOBODY | {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=environ, capture_output=True, text=True, check=True
    )
    return done.stdout
