"""Old forms of files: freeze the committed one into a step, carry an edit to the later ones."""

import subprocess
import tempfile
from pathlib import Path

from tutorial.book import Book, Version
from tutorial.errors import TutorialError


def freeze(book: Book, path: str) -> str:
    """Keep the form that HEAD has, in the step that took it from the top level."""
    step = next((v.stage for v in reversed(book.versions.get(path, [])) if not v.frozen), None)
    if step is None:
        rule = "no step takes this file from the top level"
        raise TutorialError(path, rule, "Name a file that a step writes and does not keep itself")
    copy = step.folder / path
    copy.parent.mkdir(parents=True, exist_ok=True)
    copy.write_bytes(_committed(book, path))
    return f"{copy.relative_to(book.root)} keeps the form of HEAD"


def carry(book: Book, step: str, path: str) -> list[TutorialError]:
    """Merge what was edited in one step's copy into each later form, the top level's included."""
    known = book.versions.get(path, [])
    index = next((i for i, v in enumerate(known) if v.stage.name == step and v.frozen), None)
    if index is None:
        frozen = ", ".join(v.stage.name for v in known if v.frozen) or "no step"
        raise TutorialError(f"{step}, {path}", "this step keeps no copy of it", f"{frozen} does")
    base, ours = _committed(book, _home(book, known[index])), known[index].text.encode()
    for later in known[index + 1 :]:
        home = book.root / _home(book, later)
        was = home.read_bytes()
        with tempfile.TemporaryDirectory() as scratch:
            old, new = Path(scratch, "before"), Path(scratch, "after")
            old.write_bytes(base)
            new.write_bytes(ours)
            command = ["git", "merge-file", "-L", later.stage.name, "-L", "before", "-L", step]
            done = subprocess.run([*command, home, old, new], capture_output=True, check=False)
        if done.returncode:
            rule = f"the edit of {step} meets other changes in {done.returncode} places"
            remedy = f"Settle the marked lines, then carry {later.stage.name} on"
            return [TutorialError(f"{_home(book, later)}", rule, remedy)]
        print(f"{_home(book, later)} took the edit")
        base, ours = was, home.read_bytes()
    return []


def _home(book: Book, version: Version) -> str:
    path = next(p for p, known in book.versions.items() if version in known)
    home = version.stage.folder / path if version.frozen else book.root / path
    return home.relative_to(book.root).as_posix()


def _committed(book: Book, path: str) -> bytes:
    command = ["git", "show", f"HEAD:./{path}"]
    done = subprocess.run(command, cwd=book.root, capture_output=True, check=False)
    if done.returncode:
        raise TutorialError(path, "the last commit has no such file", "Commit its old form first")
    return done.stdout
