"""Slips of rendering in the built site: what a reader sees of a page, and should not.

    python -m docs.extensions.slips site    names each page, the slip and the words around it

Code and terminals are passed by: there, anything may stand.
"""

import re
import sys
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

from typing_extensions import override

OPAQUE = {"code", "noscript", "pre", "script", "style", "template"}
INLINE = {"a", "abbr", "b", "em", "i", "kbd", "mark", "small", "span", "strong", "sub", "sup"}
CODE = "…"
"""What stands for a piece of code in a sentence."""

RULES = {
    "a link or an image that is none": re.compile(r"\]\(|\]\["),
    "a footnote that is none": re.compile(r"\[\^"),
    "a directive that nobody followed": re.compile(r"^\[[a-z]+( [^\]\[]+)?\]|^::: ?\w"),
    "bold that is not": re.compile(r"\*\*\S|\S\*\*"),
    "italics that are none": re.compile(r"(?<![\w*])\*\w[^*]*\*(?!\w)"),
    "a backtick": re.compile("`"),
    "a fence": re.compile(r"~~~"),
    "a panel that is none": re.compile(r"(?:!!!|\?\?\?\+?) "),
    "an attribute list": re.compile(r"\{:? ?[.#][\w-]+|\{:? ?[\w-]+=[^}]*\}"),
    "a heading that is none": re.compile(r"^#{1,6} \S"),
    "a row of a table that is none": re.compile(r"^\|.*\|$"),
    "a list that is none": re.compile(r"^[-*+] \S"),
    "code as prose": re.compile(
        r"^(?:@\w[\w.]*(?:\(|$)|(?:async )?def \w+\(|class \w+[(:]|from \S+ import |>>> "
        r"|\w+ = \w+\(.*\)$)"
    ),
    "HTML as text": re.compile(r"</?[a-z][\w-]*[^<>]*>|<!--"),
    "an entity as text": re.compile(r"&(?:[a-zA-Z]+\d*|#\d+|#x[\da-fA-F]+);"),
    "nothing, said as something": re.compile(r"^(?:None|undefined|null|NaN)$"),
    "a file's name without its underscores": re.compile(r"(?<![\w-])(?:init|main)\.py\b"),
}


class Slip(NamedTuple):
    """What is wrong, and the words around it."""

    rule: str
    words: str


class Visible(HTMLParser):
    """The lines of text that a reader sees; each block begins a new one."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.opaque = 0
        self.pieces: list[str] = []
        self.feed(html)
        self.close()

    @property
    def lines(self) -> list[str]:
        """Without those that are blank."""
        text = "".join(self.pieces)
        return [line.strip() for line in text.splitlines() if line.strip()]

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in OPAQUE:
            self._see(CODE if tag == "code" else "\n")
            self.opaque += 1
        elif tag not in INLINE:
            self._see("\n")

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag in OPAQUE:
            self.opaque -= 1
        elif tag not in INLINE:
            self._see("\n")

    @override
    def handle_data(self, data: str) -> None:
        self._see(data)

    def _see(self, text: str) -> None:
        if not self.opaque:
            self.pieces.append(text)


def slips(html: str) -> Iterator[Slip]:
    """Every slip of one page."""
    before = ""
    for line in Visible(html).lines:
        for rule, pattern in RULES.items():
            if found := pattern.search(line):
                yield Slip(rule, _around(line, found) if len(line) > 10 else f"{before} / {line}")
        before = line[-40:]


def _around(line: str, found: re.Match[str]) -> str:
    start, end = max(0, found.start() - 40), found.end() + 40
    return f"{CODE * (start > 0)}{line[start:end]}{CODE * (end < len(line))}"


def main(arguments: list[str]) -> int:
    """Name what is found; 1 if there is any, or no page to look at."""
    (site,) = map(Path, arguments)
    pages = sorted(site.rglob("*.html"))
    found = [
        f"{page.relative_to(site)}: {slip.rule}: {slip.words}"
        for page in pages
        for slip in slips(page.read_text(encoding="utf-8"))
    ]
    print("\n".join(found) or f"no slip in {len(pages)} pages")
    return 1 if found or not pages else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
