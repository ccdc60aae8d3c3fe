"""How an included part goes into what was typed so far: in as few lines as can be followed.

A new part is typed whole. Of a part that is there already, a listing shows what changes. Imports
and `__all__` become listings of their own.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tutorial import changes, collected
from tutorial.captions import ADD, FILE, MARK, REMOVE, REPLACE, Place
from tutorial.changes import Mark, Row
from tutorial.listings import changed_along, place_of, span, typed_along
from tutorial.symbols import find, parts_of

MAX_LINES = 40
KEPT = 3
"""Where less than one line in so many stays, the part is rewritten, and printed whole."""


@dataclass(frozen=True)
class Piece:
    """A place, the rows of the listing, and the file once they are typed."""

    place: Place
    rows: list[Row]
    text: str


@dataclass(frozen=True)
class Listing:
    """Rows of a file, with the place where a reader types them; the file before and after."""

    path: str
    place: Place | None
    rows: list[Row]
    before: str = ""
    after: str = ""

    @property
    def caption(self) -> str:
        """The file, and what to do with the lines."""
        return self.path if self.place is None else f"{self.path}{MARK}{self.place}"

    @property
    def lines(self) -> list[str]:
        """The lines as they are afterwards."""
        return [row.text for row in self.rows if row.mark in (Mark.SAME, Mark.NEW)]

    @property
    def changed(self) -> list[int]:
        """Which of them are new, counted from 1; none where all are."""
        new = [row.mark == Mark.NEW for row in self.rows if row.mark in (Mark.SAME, Mark.NEW)]
        return [] if all(new) else [number for number, fresh in enumerate(new, 1) if fresh]


def pieces(typed: str | None, target: str, names: list[str], replaced: list[str]) -> list[Piece]:
    """The listings that lead from the typed file to the target's form of the named parts."""
    place = place_of(typed, target, names, replaced)
    if place is None:
        return []
    lines = lines_of(target, names)
    text = typed_along(typed, place, lines)
    if typed is None or not (place.verb == "replace" or all(map(_is_import, names))):
        return [Piece(place, [Row(Mark.NEW, line) for line in lines], text)]
    for made in (
        _each(typed, target, names, replaced, text),
        _apart(typed, target, names, replaced, text),
        _in_place(typed, place, text),
    ):
        try:
            found = [*made]
        except (LookupError, SyntaxError):
            continue
        if (
            found
            and found[-1].text == text
            and all(len(piece.rows) <= MAX_LINES for piece in found)
        ):
            return found
    old = lines_of(typed, list(place.names)) if place.verb == "replace" else []
    return [Piece(place, _marked(old, lines), text)]


def lines_of(text: str, names: list[str]) -> list[str]:
    """The lines of neighbouring parts."""
    first, last = span(text, names)
    return text.splitlines()[first - 1 : last]


def _marked(old: list[str], new: list[str]) -> list[Row]:
    """All lines of the new form: the listing takes the place of the old one."""
    rows = [Row(Mark.SAME, line) for line in new]
    for hunk in changes.changes(old, new):
        fresh = new[hunk.new_first : hunk.new_last]
        rows[hunk.new_first : hunk.new_last] = [Row(Mark.NEW, line) for line in fresh]
    return rows


def _each(
    typed: str, target: str, names: list[str], replaced: list[str], wanted: str
) -> Iterator[Piece]:
    """Part by part."""
    if not names:
        _changed(typed, wanted, (FILE,))
        names = [part.name for part in parts_of(target)]
    if len(names) == 1 or replaced or any(map(_is_import, names)):
        raise LookupError("several parts")
    for name in names:
        for piece in pieces(typed, target, [name], []):
            yield piece
            typed = piece.text


def _apart(
    typed: str, target: str, names: list[str], replaced: list[str], wanted: str
) -> Iterator[Piece]:
    """Imports and `__all__` by their names, then what is left."""
    left = [name for name in names if name not in collected.COLLECTED and not _is_import(name)]
    if left == names != []:
        raise LookupError("names to gather")
    gathered = {"imports" if _is_import(name) else name for name in names}
    for name in collected.COLLECTED:
        wants = not names or name in gathered
        if piece := _gathered(typed, wanted, name) if wants else None:
            yield piece
            typed = piece.text
    if typed == wanted:
        return
    if not names:
        yield from _in_place(typed, Place("replace", (FILE,)), wanted)
    elif left:
        yield from pieces(typed, target, left, replaced)


def _in_place(typed: str, place: Place, wanted: str) -> Iterator[Piece]:
    yield _changed(typed, wanted, place.names)


def _is_import(name: str) -> bool:
    return name.startswith("from ")


def _gathered(typed: str, target: str, name: str) -> Piece | None:
    old, new = ("\n".join(lines_of(text, [name])) for text in (typed, target))
    if old == new:
        return None
    rows = collected.rows_of(old, new)
    if not rows:
        raise LookupError(name)
    place = Place("gather", (name,), how=_how(rows))
    return Piece(place, rows, changed_along(typed, place, rows))


def _changed(typed: str, target: str, names: tuple[str, ...]) -> Piece:
    names = _narrowed(typed, target, tuple(name.removesuffix(".head") for name in names))
    first, last = span(typed, list(names))
    old, new = typed.splitlines(), target.splitlines()
    part, fresh = old[first - 1 : last], new[first - 1 : len(new) - (len(old) - last)]
    rows = changes.rows_between(part, fresh)
    kept = len(fresh) - sum(row.mark == Mark.NEW for row in rows)
    if kept * KEPT < len(fresh):
        raise LookupError("enough lines that stay")
    place = Place("change", names, how=_how(rows))
    return Piece(place, rows, changed_along(typed, place, rows))


def _narrowed(typed: str, target: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """The smallest class or function that holds all changes, if it has a name of its own."""
    hunks = changes.changes(typed.splitlines(), target.splitlines())
    first, last = hunks[0].old_first, hunks[-1].old_last
    container = "" if names == (FILE,) else names[0]
    try:
        inner = parts_of(typed, container) if len(names) == 1 else []
    except LookupError:  # a function
        return names
    for part in inner:
        # What is inserted before its first line, or after its last one, is not in it.
        inside = part.first <= first + (first != last) and last <= part.last - (first == last)
        if part.defines and inside and find(typed, part.name) == part:
            return _narrowed(typed, target, (part.name,))
    return names


def _how(rows: list[Row]) -> str:
    marks = {row.mark for row in rows}
    if Mark.GONE not in marks:
        return ADD
    return REPLACE if Mark.NEW in marks else REMOVE
