"""What pytest printed, in the colours that pytest gives it on a terminal.

Outputs are kept without pytest's codes, so that their differences can be read; what was red or
bold is told from the text, and `tests/test_colours.py` holds that against pytest's own codes.
Lines of source stay plain, where pytest highlights them.
"""

import re
from collections.abc import Iterator
from html import escape

Run = tuple[str, str]
"""Classes, and the text that has them."""

PROGRESS = re.compile(r"^[.FEsxX]+$")
MARK = re.compile(r"(?P<good>\.+)|(?P<bad>[FE]+)|(?P<warn>[sxX]+)")
PLACE = re.compile(r"^(?P<file>[\w./…@+-]+\.py)(?P<rest>:\d+:.*)$")
COLLECTING = re.compile(r"^_+ ERROR collecting .+ _+$")
HEADLINE = re.compile(r"^_+ (?!_ ).+ _+$")
UNREAD = re.compile(r"^E +(ImportError|ModuleNotFoundError|SyntaxError|IndentationError)\b")
NO_CONFTEST = "ImportError while loading conftest"
VERDICT = re.compile(r"^(?:(?P<bad>FAILED|ERROR)|(?P<good>PASSED)|(?P<warn>SKIPPED|XFAIL|XPASS)) ")
PART = re.compile(
    r"^\d+ (?:(?P<bad>failed|errors?)|(?P<good>passed)"
    r"|(?P<warn>skipped|deselected|xfailed|xpassed|warnings?))$"
)
COMPLETE = (
    (HEADLINE, "bad bold"),
    (re.compile(r"^E( |$)"), "bad bold"),
    (re.compile(r"^=+ short test summary info =+$"), "info bold"),
    (re.compile(r"^=+ warnings summary.* =+$"), "warn"),
    (re.compile(r"^!+ stopping after .+ !+$"), "bad"),
    (re.compile(r"^(The above|During handling of the above) exception.+:$"), "warn"),
    (re.compile(r"^no tests ran$"), "warn"),
)


def coloured(lines: list[str]) -> str:
    """The lines of a run as HTML: failures red, passes green, skips yellow, places bold."""
    return "\n".join("".join(_span(*run) for run in runs) for runs in _painted(lines))


def _span(classes: str, text: str) -> str:
    text = escape(text, quote=False)
    return f'<span class="{classes}">{text}</span>' if classes else text


def _painted(lines: list[str]) -> Iterator[list[Run]]:
    unread, ruler = _unread(lines), ""
    tb_line = any("--tb=line" in line for line in lines[:1])
    for number, line in enumerate(lines):
        ruler = line if line.startswith("=") else ruler
        if line.startswith("$ "):
            yield [("gp", "$"), ("", line[1:])]
        elif number in unread:
            yield [("bad", line)]
        elif PROGRESS.match(line) and not ruler:
            yield [(mark.lastgroup or "", mark[0]) for mark in MARK.finditer(line)]
        elif tb_line and PLACE.match(line):
            yield [("", line)]
        elif tb_line and line.startswith("    ") and "warnings" not in ruler:
            yield [("bad bold", line)]
        elif "summary info" in ruler and (verdict := VERDICT.match(line)):
            yield _verdict(line, verdict)
        else:
            yield _line(line) or [("", line)]


def _unread(lines: list[str]) -> set[int]:
    """The lines that say why a module could not be read: those are red as a whole."""
    found: set[int] = set()
    block: list[int] = []
    for number, line in enumerate(lines):
        if HEADLINE.match(line) or line.startswith(("=", "!")):
            block = []
        elif block:
            block.append(number)
        if COLLECTING.match(line) or line.startswith(NO_CONFTEST):
            block = [number]
        if block and UNREAD.match(line):
            found.update(block)
    return {number for number in found if not HEADLINE.match(lines[number])}


def _line(line: str) -> list[Run]:
    """What a line consists of; nothing for one that has no colour of its own."""
    for pattern, classes in COMPLETE:
        if pattern.match(line):
            return [(classes, line)]
    if place := PLACE.match(line):
        return [("bad bold", place["file"]), ("", place["rest"])]
    return _summary(line)


def _verdict(line: str, verdict: re.Match[str]) -> list[Run]:
    word, _, rest = line.partition(" ")
    test, dash, why = rest.partition(" - ")
    file, colons, name = test.partition("::")
    runs = [("", f" {file}{colons}"), ("bold" if name else "", name), ("", dash + why)]
    return [(verdict.lastgroup or "", word), *(run for run in runs if run[1])]


def _summary(line: str) -> list[Run]:
    """The counts, those that decided on the run's colour in bold."""
    parts = [PART.match(part) for part in line.split(", ")]
    counts = [part for part in parts if part]
    if len(counts) < len(parts):
        return []
    kinds = {count.lastgroup for count in counts}
    doubtful = re.search(r"warning|xpassed", line) or "good" not in kinds
    main = "bad" if "bad" in kinds else "warn" if doubtful else "good"
    runs = [
        (f"{count.lastgroup}{' bold' * (count.lastgroup == main)}", count[0]) for count in counts
    ]
    return [run for each in runs for run in (("", ", "), each)][1:]
