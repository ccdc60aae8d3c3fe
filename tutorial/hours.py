"""How long a chapter takes, and how much of its code the reader has typed before.

Blank lines of code are not counted, and neither are outputs and folded panels.
"""

import difflib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tutorial.book import Book, Chapter

WORDS_READ = 220
LINES_READ = 18
LINES_TYPED = 7
"""What a reader does in a minute."""

AROUND = 2
"""How many unchanged lines on each side of a change show where it goes."""


@dataclass
class Work:
    """What a page asks of its reader."""

    words: int = 0
    printed: int = 0
    typed: int = 0
    reprinted: int = 0

    @property
    def to_read(self) -> int:
        """Minutes for the prose and all printed lines."""
        return max(1, round(self.words / WORDS_READ + self.printed / LINES_READ))

    @property
    def to_build(self) -> int:
        """Minutes for the prose, the lines to type and, read only, those around them."""
        around = (self.printed - self.typed) / LINES_READ
        return max(1, round(self.words / WORDS_READ + around + self.typed / LINES_TYPED))

    @property
    def share(self) -> str:
        """How many of the printed lines are reprints."""
        percent = round(100 * self.reprinted / self.printed) if self.printed else 0
        return f"{self.reprinted} of {self.printed} printed lines are reprints: {percent} %"

    def __str__(self) -> str:
        return f"{self.to_read} min to read, {self.to_build} to build"

    def __add__(self, other: "Work") -> "Work":
        return Work(
            self.words + other.words,
            self.printed + other.printed,
            self.typed + other.typed,
            self.reprinted + other.reprinted,
        )

    def count(self, old: list[str], new: list[str]) -> None:
        """Add a listing that shows the new lines where the old ones were typed before."""
        steps = difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        changes = [(first, last) for tag, _, _, first, last in steps if tag != "equal"]
        for number, line in enumerate(new):
            if not line.strip():
                continue
            self.printed += 1
            if any(first <= number < last for first, last in changes):
                self.typed += 1
            elif not any(first - AROUND <= number < last + AROUND for first, last in changes):
                self.reprinted += 1


def in_hours(minutes: Iterable[int]) -> str:
    """A sum of minutes, as a person says it."""
    return f"{sum(minutes) / 60:.0f} hours"


def words(book: Book, chapter: Chapter) -> int:
    """The words of a chapter's page, without code and directives."""
    page = book.root / "docs" / chapter.page
    lines = page.read_text(encoding="utf-8").splitlines() if page.is_file() else []
    return sum(len(line.split()) for line in _prose(lines))


def _prose(lines: list[str]) -> Iterator[str]:
    fenced = False
    start = lines.index("---", 1) + 1 if lines[:1] == ["---"] else 0
    for line in lines[start:]:
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif not fenced and not line.startswith("["):
            yield line
