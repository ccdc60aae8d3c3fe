"""Where a listing goes in a file that is being typed, and the file once it is there.

Between two parts stand as many blank lines as the formatter puts there, unless the caption says
how many.
"""

from itertools import pairwise

from tutorial import changes, collected
from tutorial.captions import FILE, Place
from tutorial.changes import Row
from tutorial.symbols import Part, container_of, find, parts_of


def place_of(typed: str | None, target: str, names: list[str], replaced: list[str]) -> Place | None:
    """Where the named parts of the target go in what was typed so far."""
    if typed is None:
        return Place("new" if target else "new, empty")
    if not names:
        return None if typed == target else Place("replace", (FILE,))
    there = replaced or [name for name in names if _has(typed, name)]
    if there:
        same = _lines(typed, there) == _lines(target, names)
        return None if same else Place("replace", tuple(there))
    first = find(target, names[0])
    container = container_of(target, names[0])
    before = [part for part in parts_of(target, container) if part.last < first.first]
    for part in reversed(before):
        if _has(typed, part.name):
            gap = _unusual_gap(target, part, first, container)
            return Place("after", (part.name,), gap, container)
    return Place("at the top", container=container)


def typed_along(typed: str | None, place: Place, lines: list[str]) -> str:
    """The file once the reader has done what the caption says."""
    if place.verb.startswith("new") or (place.verb, place.names) == ("replace", (FILE,)):
        return _text(lines)
    if typed is None:
        raise LookupError("this file was not typed yet")
    old = typed.splitlines()
    if place.verb == "replace":
        first, last = _span(typed, list(place.names))
        return _text(old[: first - 1] + lines + old[last:])
    if place.verb == "without":
        for name in place.names:
            typed = _without(typed, name)
        return typed
    return _inserted(typed, place, lines)


def changed_along(typed: str, place: Place, rows: list[Row]) -> str:
    """The file once the reader has made the changes that the rows show in the named parts."""
    first, last = _span(typed, list(place.names))
    old = typed.splitlines()
    part = old[first - 1 : last]
    if place.verb == "gather":
        new = collected.applied("\n".join(part), rows).splitlines()
    else:
        new = changes.applied(part, rows)
    return _text(old[: first - 1] + new + old[last:])


def span(text: str, names: list[str]) -> tuple[int, int]:
    """First and last line of neighbouring parts; of all lines without a name."""
    return _span(text, names) if names else (1, len(text.splitlines()))


def _inserted(typed: str, place: Place, lines: list[str]) -> str:
    old = typed.splitlines()
    container = place.container
    parts = parts_of(typed, container)
    if place.verb == "after":
        index = parts.index(find(typed, place.names[0])) + 1
        at = parts[index - 1].last
    else:
        index, at = 0, (parts[0].first - 1 if parts else 0)
    # The lines are parsed where they will stand: alone, a method's indentation is an error.
    rough = _text(old[:at] + lines + old[at:])
    rows = range(at + 1, at + len(lines) + 1)
    fresh = [part for part in parts_of(rough, container) if part.first in rows]
    before, after = old[:at], old[at:]
    if index:
        gap = place.blanks
        usual = _gap(parts[index - 1], fresh[0], container)
        before = before + [""] * (usual if gap is None else gap)
    if index < len(parts):
        wanted = _gap(fresh[-1], parts[index], container)
        if index and (kept := _unusual_gap(typed, parts[index - 1], parts[index], container)):
            wanted = kept
        after = [""] * wanted + _stripped(after)
    return _text(before + lines + after)


def _without(typed: str, name: str) -> str:
    old = typed.splitlines()
    container = container_of(typed, name)
    parts = parts_of(typed, container)
    first, last = _span(typed, [name])
    above = [part for part in parts if part.last < first]
    below = [part for part in parts if part.first > last]
    if not below:
        end = above[-1].last if above else first - 1
        return _text(old[:end] + old[last:])
    if not above:
        return _text(old[: first - 1] + old[below[0].first - 1 :])
    gap = min(first - above[-1].last, below[0].first - last) - 1
    gap = max(gap, _gap(above[-1], below[0], container))
    return _text(old[: above[-1].last] + [""] * gap + old[below[0].first - 1 :])


def _gap(above: Part, below: Part, container: str) -> int:
    """Blank lines between two parts, as the formatter has them."""
    if above.defines or below.defines:
        return 1 if container else 2
    kind = above.name.rpartition(".")[2]
    if hasattr(below.node, "body"):
        return 1
    return 1 if kind == "docstring" or (kind == "imports" and not container) else 0


def _unusual_gap(text: str, above: Part, below: Part, container: str) -> int | None:
    gap = below.first - above.last - 1
    neighbours = not any(line.strip() for line in text.splitlines()[above.last : below.first - 1])
    return gap if neighbours and gap != _gap(above, below, container) else None


def _span(text: str, names: list[str]) -> tuple[int, int]:
    if names == [FILE]:
        return 1, len(text.splitlines())
    parts = [find(text, name) for name in names]
    lines = text.splitlines()
    for above, below in pairwise(parts):
        if any(line.strip() for line in lines[above.last : below.first - 1]):
            raise LookupError(f"{above.name} right before {below.name}")
    return parts[0].first, parts[-1].last


def _lines(text: str, names: list[str]) -> list[str]:
    first, last = _span(text, names)
    return text.splitlines()[first - 1 : last]


def _has(text: str, name: str) -> bool:
    try:
        find(text, name)
    except LookupError:
        return False
    return True


def _stripped(lines: list[str]) -> list[str]:
    first = next((index for index, line in enumerate(lines) if line.strip()), len(lines))
    return lines[first:]


def _text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)
