"""What a listing's caption says: the file, and what the reader does with the lines.

    PATH · new, or PATH · new, empty
    PATH · removed
    PATH · add after X              with one blank line, where the formatter has another number
    PATH · add at the top
    PATH · in C, add after X        and in C, add at the top: a class
    PATH · in X, replace            find the lines, and change them; or: in X, add; in X, remove
    PATH · replace X                by all lines of the listing; X and Y, or X, Y and Z
    PATH · remove X
    PATH · add to the imports       also: remove from, change; and so for __all__

A caption without such words shows what is already there.
"""

import re
from dataclasses import dataclass

BLANKS = ("no blank line", "one blank line", "two blank lines")
MARK = " · "
FILE = "whole file"
HEAD = "up to its first method"

ADD, REMOVE, REPLACE = "add", "remove", "replace"
GATHER = {ADD: "add to", REMOVE: "remove from", REPLACE: "change"}
GAP = f"(?:, with (?P<blanks>{'|'.join(BLANKS)}))?"
FORMS = {
    "new, empty": re.compile(r"new, empty"),
    "new": re.compile(r"new"),
    "removed": re.compile(r"removed"),
    "gather": re.compile(rf"(?P<how>{'|'.join(GATHER.values())}) (?P<names>the imports|__all__)"),
    "after": re.compile(rf"(?:in (?P<container>[^,]+), )?add after (?P<names>.+?){GAP}"),
    "at the top": re.compile(r"(?:in (?P<container>[^,]+), )?add at the top"),
    "change": re.compile(rf"in (?P<names>.+), (?P<how>{ADD}|{REMOVE}|{REPLACE})"),
    "replace": re.compile(r"replace (?P<names>.+)"),
    "without": re.compile(r"remove (?P<names>.+)"),
}


@dataclass(frozen=True)
class Place:
    """What a reader does with the lines of a listing.

    `how` says it for changes within a part: add, remove, or both, replace. `container` is the
    class in which the lines go.
    """

    verb: str
    names: tuple[str, ...] = ()
    blanks: int | None = None
    container: str = ""
    how: str = ""

    @property
    def is_change(self) -> bool:
        """Whether the listing shows only what changes, in lines that the reader has."""
        return self.verb in ("change", "gather")

    def __str__(self) -> str:
        names = _joined([_spoken(name, self.container) for name in self.names])
        match self.verb:
            case "gather":
                return f"{GATHER[self.how]} {names}"
            case "change":
                return f"in {names}, {self.how}"
            case "after" | "at the top":
                where = f"in {self.container}, add" if self.container else "add"
                gap = "" if self.blanks is None else f", with {BLANKS[self.blanks]}"
                return f"{where} {self.verb} {names}".strip() + gap
            case "without":
                return f"remove {names}"
            case _:
                return f"{self.verb} {names}".strip()


def read_caption(caption: str) -> tuple[str, Place | None]:
    """The file of a caption and its place; None where the caption asks for nothing."""
    path, _, words = caption.strip().partition(MARK)
    if not words:
        return path, None
    for verb, form in FORMS.items():
        if found := form.fullmatch(words):
            groups = {key: value or "" for key, value in found.groupdict().items()}
            container = groups.get("container", "")
            names = re.split(r", | and ", groups["names"]) if groups.get("names") else []
            how = groups.get("how", "")
            if verb == "gather":
                how = next(key for key, value in GATHER.items() if value == how)
            blanks = BLANKS.index(groups["blanks"]) if groups.get("blanks") else None
            written = tuple(_written(name, container) for name in names)
            return path, Place(verb, written, blanks, container, how)
    raise ValueError(caption)


def _joined(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _spoken(name: str, container: str = "") -> str:
    if container:
        name = name.removeprefix(f"{container}.")
    owner, _, last = name.rpartition(".")
    if name in ("imports", "docstring", FILE):
        return f"the {name}"
    if last == "head":
        return f"{owner} {HEAD}"
    if last in ("imports", "docstring"):
        return f"the {last} of {owner}"
    return name


def _written(words: str, container: str = "") -> str:
    prefix = f"{container}." if container else ""
    words = words.removeprefix("the ")
    if match := re.fullmatch(r"(imports|docstring) of (.+)", words):
        return f"{match[2]}.{match[1]}"
    if words.endswith(HEAD):
        return f"{words.removesuffix(HEAD).strip()}.head"
    return f"{prefix}{words}"
