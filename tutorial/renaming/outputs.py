"""Recorded outputs that differ from the former ones by renamed words only."""

import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path

NOTES = ".tutorial/renamed.json"
"""What was renamed since outputs were accepted: an untracked list of old and new words."""

Word = tuple[str, str]


def note(root: Path, words: Sequence[Word]) -> None:
    """Remember renamed words until the outputs are accepted."""
    file = root / NOTES
    file.parent.mkdir(exist_ok=True)
    (file.parent / ".gitignore").write_text("*\n", encoding="utf-8")
    file.write_text(json.dumps([*noted(root), *words], indent=1), encoding="utf-8")


def noted(root: Path) -> list[Word]:
    """The words that were renamed, in their order."""
    file = root / NOTES
    if not file.is_file():
        return []
    return [(old, new) for old, new in json.loads(file.read_text(encoding="utf-8"))]


def forget(root: Path) -> None:
    """Every output is accepted."""
    (root / NOTES).unlink(missing_ok=True)


def by_words(words: Sequence[Word]) -> Callable[[str, str], bool]:
    """Whether two outputs are the same under the new words, however wide pytest drew its rules."""

    def alike(known: str, text: str) -> bool:
        return normalised(known, words) == normalised(text, words)

    return alike


def normalised(output: str, words: Sequence[Word]) -> list[str]:
    """The lines of an output under the new words, without widths, cuts and line numbers."""
    first: dict[str, str] = {}
    for old, new in words:
        if first.setdefault(old, new) != new:  # here it became one word, and there another
            old, new = new, first[old]
        output = re.sub(rf"(?<![A-Za-z0-9]){re.escape(old)}(?![A-Za-z0-9])", new, output)
    made: list[str] = []
    for line in output.splitlines():
        line = re.sub(r"^((?:FAILED|ERROR) \S+)( - .*)?$", r"\1", line)
        line = re.sub(r"([_=!^~.-])\1{2,}", r"\1", line)
        line = re.sub(r"(?<=\.py):\d+", "", line)
        made.append(" ".join(line.split()))
    return made
