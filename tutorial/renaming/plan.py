"""Symbols in the starter's plan: definitions that it drops, and the text of its edits."""

import re
from collections.abc import Iterator, Mapping

from tutorial.renaming.identifiers import replaced

PLAN = "starter/plan.toml"
SECTION = re.compile(r'^\[(?:without\.[\w"-]+\.)?files\."(?P<path>[^"]+)"\]', re.M)
STRING = re.compile(r'"""(?:\\.|[^\\])*?"""|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'', re.S)


def renamed(
    plan: str, word: str, new: str, before: Mapping[str, str], meant: Mapping[str, set[int]]
) -> str:
    """The plan with the symbol's new name in the sections of the files that mean it.

    `before` has the files' texts as they were, and `meant` the offsets of the symbol in them.
    """
    heads = [*SECTION.finditer(plan)]
    made = plan[: heads[0].start()] if heads else plan
    for head, below in zip(heads, [*heads[1:], None], strict=True):
        section = plan[head.start() : below.start() if below else len(plan)]
        path = head["path"]
        if offsets := meant.get(path):
            section = _section(section, word, new, before[path], offsets)
        made += section
    return made


def unmatched(
    plan: str, old_plan: str, texts: Mapping[str, str], before: Mapping[str, str]
) -> list[str]:
    """The edits that found their text before the rename, and find it no longer."""
    lost: list[str] = []
    for (path, was), (_, now) in zip(_sought(old_plan), _sought(plan), strict=True):
        if was in before.get(path, "") and now not in texts.get(path, ""):
            lost.append(f"{path}: {now!r}")
    return lost


def _section(section: str, word: str, new: str, text: str, offsets: set[int]) -> str:
    spelled = _word(word, "")
    every = {found.start() for found in spelled.finditer(text)} <= offsets
    strings = [*STRING.finditer(section)][1:]
    made, done, sure = "", 0, every
    for found in strings:
        raw = found[0]
        value = _value(raw)
        begin = text.find(value) if len(value) > len(word) else -1
        flags = [begin + each.start() in offsets for each in spelled.finditer(value)]
        if begin < 0:
            flags = [sure or value == word or value.endswith(f".{word}")] * len(flags)
        elif flags:
            sure = every or all(flags)
        places = [each.start() for each in _word(word, raw).finditer(raw)]
        wanted = [place for place, flag in zip(places, flags, strict=False) if flag]
        fresh = replaced(raw, wanted, word, new)
        made, done = made + section[done : found.start()] + fresh, found.end()
    return made + section[done:]


def _word(word: str, raw: str) -> re.Pattern[str]:
    """The word in a text, or in a string of TOML, where `\\n` may stand right before it."""
    before = r"(?:(?<=\\n)|(?<!\w))" if raw.startswith('"') else r"(?<!\w)"
    return re.compile(rf"{before}{re.escape(word)}(?!\w)")


def _value(raw: str) -> str:
    if raw.startswith("'"):
        return raw[1:-1]
    text = raw[3:-3].removeprefix("\n") if raw.startswith('"""') else raw[1:-1]
    return re.sub(r"\\(.)", lambda each: {"n": "\n", "t": "\t"}.get(each[1], each[1]), text)


def _sought(plan: str) -> Iterator[tuple[str, str]]:
    """Each file of the plan and each string of its section."""
    heads = [*SECTION.finditer(plan)]
    for head, below in zip(heads, [*heads[1:], None], strict=True):
        section = plan[head.start() : below.start() if below else len(plan)]
        for found in [*STRING.finditer(section)][1:]:
            yield head["path"], _value(found[0])
