"""What changes between two forms of a few lines, and how a reader makes that change.

Each change stands with two unchanged lines on either side, so that the reader finds it; with more
where those two stand in a second place, too.
"""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

AROUND = 2
"""How many unchanged lines on each side of a change show where it goes."""

ELLIPSIS = "…"


class Mark(StrEnum):
    """What a row of a listing is to the reader."""

    SAME = "same"
    NEW = "new"
    GONE = "gone"
    GAP = "gap"


@dataclass(frozen=True)
class Row:
    """A line, and what to do with it: find it, type it, delete it, or skip what it stands for."""

    mark: Mark
    text: str


@dataclass(frozen=True)
class Hunk:
    """Lines `old_first` to `old_last` of the old form become those of the new form."""

    old_first: int
    old_last: int
    new_first: int
    new_last: int


def changes(old: Sequence[str], new: Sequence[str]) -> list[Hunk]:
    """Where the two forms differ; lines count from 0 and the last is not included."""
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    return [Hunk(*lines) for tag, *lines in matcher.get_opcodes() if tag != "equal"]


def rows_between(old: Sequence[str], new: Sequence[str]) -> list[Row]:
    """The changes, each with lines around it that stand in one place of the old form only."""
    made: list[Row] = []
    shown = 0
    for first, last, hunks in _joined((*_around(old, hunk), [hunk]) for hunk in changes(old, new)):
        if first > shown:
            made.append(_gap(old[first]))
        for hunk in hunks:
            made += [Row(Mark.SAME, line) for line in old[first : hunk.old_first]]
            made += [Row(Mark.GONE, line) for line in old[hunk.old_first : hunk.old_last]]
            made += [Row(Mark.NEW, line) for line in new[hunk.new_first : hunk.new_last]]
            first = hunk.old_last
        made += [Row(Mark.SAME, line) for line in old[first:last]]
        shown = last
    if shown < len(old):
        made.append(_gap(old[shown - 1]))
    return made


def applied(old: Sequence[str], rows: Iterable[Row]) -> list[str]:
    """The old form once the reader has done what the rows show; LookupError where they cannot."""
    made = list(old)
    for block in reversed([*_blocks(rows)]):
        known = [row.text for row in block if row.mark != Mark.NEW]
        places = _places(old, known)
        if len(places) != 1:
            there = f"{len(places)} places have" if places else "no place has"
            raise LookupError(f"{there} the lines from {known[0].strip() if known else ''!r} on")
        first = places[0]
        made[first : first + len(known)] = [row.text for row in block if row.mark != Mark.GONE]
    return made


def is_wide(rows: Sequence[Row]) -> bool:
    """Whether some of its lines stand further than two from a change."""
    return any(row.mark == Mark.SAME and far for row, far in zip(rows, _far(rows), strict=True))


def reprinted(rows: Sequence[Row]) -> int:
    """How many lines stand further than two from a change; blank ones are not counted."""
    return sum(
        row.mark == Mark.SAME and far and row.text.strip() != ""
        for row, far in zip(rows, _far(rows), strict=True)
    )


def _far(rows: Sequence[Row]) -> list[bool]:
    changed = [at for at, row in enumerate(rows) if row.mark in (Mark.NEW, Mark.GONE)]
    return [all(abs(at - other) > AROUND for other in changed) for at in range(len(rows))]


def _around(old: Sequence[str], hunk: Hunk) -> tuple[int, int]:
    around = AROUND
    while True:
        first, last = max(0, hunk.old_first - around), min(len(old), hunk.old_last + around)
        if len(_places(old, old[first:last])) == 1:
            break
        around += 1
    for shorter in ((first + 1, last), (first, last - 1)):
        lines = old[slice(*shorter)]
        edge = old[first] if shorter[0] > first else old[last - 1]
        inside = shorter[0] <= hunk.old_first and hunk.old_last <= shorter[1]
        if inside and not edge.strip() and len(_places(old, lines)) == 1:
            first, last = shorter
    return first, last


def _places(old: Sequence[str], lines: Sequence[str]) -> list[int]:
    wanted = list(lines)
    count = len(wanted)
    starts = range(len(old) - count + 1) if count else range(0)
    return [at for at in starts if list(old[at : at + count]) == wanted]


def _joined(blocks: Iterable[tuple[int, int, list[Hunk]]]) -> Iterator[tuple[int, int, list[Hunk]]]:
    """Neighbours whose lines meet, or leave out one line only, as one block."""
    waiting: tuple[int, int, list[Hunk]] | None = None
    for first, last, hunks in blocks:
        if waiting and first <= waiting[1] + 1:
            waiting = min(waiting[0], first), max(waiting[1], last), waiting[2] + hunks
            continue
        if waiting:
            yield waiting
        waiting = first, last, hunks
    if waiting:
        yield waiting


def _blocks(rows: Iterable[Row]) -> Iterator[list[Row]]:
    block: list[Row] = []
    for row in rows:
        if row.mark != Mark.GAP:
            block.append(row)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _gap(beside: str) -> Row:
    return Row(Mark.GAP, " " * (len(beside) - len(beside.lstrip())) + ELLIPSIS)
