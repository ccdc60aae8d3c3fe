"""Where a listing goes in a file that is being typed, in the words of its caption.

    PATH · new, or PATH · new, empty
    PATH · in place of X            X and Y, or X, Y and Z
    PATH · after X                  after X, with one blank line
    PATH · at the top
    PATH · at the top of X
    PATH · without X
    PATH · removed

A caption without such words shows what is already there. Between two parts stand as many blank
lines as the formatter puts there, unless the caption says how many.
"""

import re
from dataclasses import dataclass
from itertools import pairwise

from tutorial.symbols import Part, container_of, find, parts_of

BLANKS = ("no blank line", "one blank line", "two blank lines")
MARK = " · "


@dataclass(frozen=True)
class Place:
    """What a reader does with the lines of a listing."""

    verb: str
    names: tuple[str, ...] = ()
    blanks: int | None = None

    def __str__(self) -> str:
        words = f"{self.verb} {_joined([_spoken(name) for name in self.names])}".strip()
        return words if self.blanks is None else f"{words}, with {BLANKS[self.blanks]}"


def read_caption(caption: str) -> tuple[str, Place | None]:
    """The file of a caption and its place; None where the caption asks for nothing."""
    path, _, words = caption.strip().partition(MARK)
    if not words:
        return path, None
    blanks = None
    if match := re.fullmatch(f"(.*), with ({'|'.join(BLANKS)})", words):
        words, blanks = match[1], BLANKS.index(match[2])
    verbs = (
        "new, empty",
        "new",
        "in place of",
        "after",
        "at the top of",
        "at the top",
        "without",
        "removed",
    )
    verb = next(verb for verb in verbs if words == verb or words.startswith(f"{verb} "))
    rest = words.removeprefix(verb).strip()
    names = tuple(_written(word) for word in re.split(r", | and ", rest) if word)
    return path, Place(verb, names, blanks)


def place_of(typed: str | None, target: str, names: list[str], replaced: list[str]) -> Place | None:
    """Where the named parts of the target go in what was typed so far."""
    if typed is None:
        return Place("new" if target else "new, empty")
    if not names:
        return None if typed == target else Place("in place of", ("whole file",))
    there = replaced or [name for name in names if _has(typed, name)]
    if there:
        same = _lines(typed, there) == _lines(target, names)
        return None if same else Place("in place of", tuple(there))
    first = find(target, names[0])
    container = container_of(target, names[0])
    before = [part for part in parts_of(target, container) if part.last < first.first]
    for part in reversed(before):
        if _has(typed, part.name):
            return Place("after", (part.name,), _unusual_gap(target, part, first, container))
    return Place("at the top of", (container,)) if container else Place("at the top")


def typed_along(typed: str | None, place: Place, lines: list[str]) -> str:
    """The file once the reader has done what the caption says."""
    if place.verb.startswith("new") or place.names == ("whole file",):
        return _text(lines)
    if typed is None:
        raise LookupError("this file was not typed yet")
    old = typed.splitlines()
    if place.verb == "in place of":
        first, last = _span(typed, list(place.names))
        return _text(old[: first - 1] + lines + old[last:])
    if place.verb == "without":
        for name in place.names:
            typed = _without(typed, name)
        return typed
    return _inserted(typed, place, lines)


def span(text: str, names: list[str]) -> tuple[int, int]:
    """First and last line of neighbouring parts; of all lines without a name."""
    return _span(text, names) if names else (1, len(text.splitlines()))


def _inserted(typed: str, place: Place, lines: list[str]) -> str:
    old = typed.splitlines()
    container = container_of(typed, place.names[0]) if place.verb == "after" else ""
    if place.verb == "at the top of":
        container = place.names[0]
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
    if names == ["whole file"]:
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


def _joined(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _spoken(name: str) -> str:
    owner, _, last = name.rpartition(".")
    if name in ("imports", "docstring", "whole file"):
        return f"the {name}"
    if last in ("imports", "docstring", "head"):
        return f"the {last} of {owner}"
    return name


def _written(words: str) -> str:
    words = words.removeprefix("the ")
    if match := re.fullmatch(r"(imports|docstring|head) of (.+)", words):
        return f"{match[2]}.{match[1]}"
    return words
