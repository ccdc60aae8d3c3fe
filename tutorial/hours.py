"""How long a chapter takes, and how much of its code the reader has typed before.

Blank lines of code are not counted, and neither are outputs and folded panels.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from tutorial.book import Book, Chapter
from tutorial.changes import Mark, Row, reprinted

WORDS_READ = 220
LINES_READ = 18
LINES_TYPED = 7
"""What a reader does in a minute."""


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

    def count(self, rows: Sequence[Row]) -> None:
        """Add a listing."""
        shown = [row for row in rows if row.mark != Mark.GAP and row.text.strip()]
        self.printed += len(shown)
        self.typed += sum(row.mark == Mark.NEW for row in shown)
        self.reprinted += reprinted(rows)


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
