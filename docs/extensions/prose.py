"""Counts of the pages' prose: indefinite persons, free relatives, and the length of sentences.

    python -m docs.extensions.prose    prints the counts of each page and of the whole site

`prose.toml` has the limits, and under `to-do` the pages that may exceed them until they are edited.
A page that exceeds a limit is an error, and so is an entry of `to-do` that is no longer needed. The
limits of the site hold as soon as `to-do` is empty. Headings count as words only; code, tables,
directives and generated pages are left out.
"""

import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
LIST = "docs/extensions/prose.toml"
GENERATED = re.compile(r"docs/(assets|benchmarks|derived|runs)/|docs/tutorial/code/")
SHORTEST = 4
"""A sentence of fewer words has no influence on the median."""

INDEFINITE = r"nobody|somebody|anybody|whoever|whomever|no one|someone|anyone"
PERSON = re.compile(rf"(?i)\b({INDEFINITE})\b|\b(?:for|by|to|with|from|than) who\b")
BARE_WHO = re.compile(r"Who\b(?!ever)|.*?[:;] who\b(?!ever)")
FREE = re.compile(r"(What|Whatever|Who|Whoever|Whichever)\b")

DIRECTIVE = re.compile(r"\[[a-z]+( [^\]\[]+)?\]$|\|")
OPAQUE = re.compile(r"(```+|~~~+)|::: ")
"""Code up to the same fence, and what the reference includes, up to a blank line."""
MARKUP: list[tuple[re.Pattern[str], str]] = [
    (re.compile(r"<!--.*?-->|<[^<>]+>"), " "),
    (re.compile(r"`+[^`]+`+"), "Code"),
    (re.compile(r"!?\[([^\]]*)\](\([^)]*\)|\[[^\]]*\])(\{[^}]*\})?"), r"\1"),
    (re.compile(r"\{:? ?[.#][^}]*\}|:[a-z]+(?:-[a-z0-9]+)+:"), " "),
    (re.compile(r"\*+|(?<!\w)_|_(?!\w)"), ""),
]
ITEM = re.compile(r"[-*] |\d+\. |: +|> |\[\^\w+\]: ")
TITLED = re.compile(r'(?:!!!|\?\?\?\+?|===) .*?(?:"(.*)")?$')
END = re.compile(r'(?<=[.!?…])["”\')]*\s+(?=["“\'(]?[A-Z\d])')


class Counts(NamedTuple):
    """What a text has of each habit; `lengths` are those of its sentences, in words."""

    words: int
    persons: int
    free: int
    lengths: list[int]

    @property
    def median(self) -> float:
        """The median length of a sentence in words; 0 without sentences."""
        return median(self.lengths) if self.lengths else 0

    def in_10_000(self, count: int) -> float:
        """How many that would be in 10,000 words."""
        return 10_000 * count / max(self.words, 1)


def main(root: Path = ROOT) -> int:
    """Print the counts and what exceeds a limit; 1 where anything does."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "docs"]
    done = subprocess.run(listed, cwd=root, capture_output=True, text=True, check=True)
    pages = {
        path: counts((root / path).read_text(encoding="utf-8"))
        for path in sorted(done.stdout.splitlines())
        if path.endswith(".md") and not GENERATED.match(path) and (root / path).is_file()
    }
    settings = tomllib.loads((root / LIST).read_text(encoding="utf-8"))
    wrong = judged(pages, settings["limits"], settings["to-do"])
    print("persons  free  median  words")
    for path, each in [*pages.items(), ("the site", total(pages))]:
        print(f"{each.persons:7}{each.free:6}{each.median:8g}{each.words:7}  {path}")
    site = total(pages)
    persons, free = site.in_10_000(site.persons), site.in_10_000(site.free)
    print(f"in 10,000 words: {persons:.1f} indefinite persons, {free:.1f} free relatives")
    print("\n".join(wrong) or "every page is within the limits, or to do")
    return 1 if wrong else 0


def judged(pages: dict[str, Counts], limits: dict[str, int], to_do: list[str]) -> list[str]:
    """What exceeds a limit, and what `to-do` need no longer name."""
    most = limits["persons-of-a-page"]
    wrong: list[str] = []
    for path, each in pages.items():
        if each.persons > most and path not in to_do:
            wrong.append(
                f"{path} has {each.persons} indefinite persons (nobody, somebody, whoever, …); "
                f"the limit is {most}. Name the actor."
            )
        elif each.persons <= most and path in to_do:
            wrong.append(f"{LIST}: {path} is within the limits. Delete the entry.")
    wrong += [f"{LIST}: there is no {path}. Delete it." for path in to_do if path not in pages]
    site = total(pages)
    of_site = {
        "persons-in-10000-words": site.in_10_000(site.persons),
        "free-relatives-in-10000-words": site.in_10_000(site.free),
        "median-of-sentences": site.median,
    }
    wrong += [
        f"the site: {name} is {value:.1f}; the limit is {limits[name]}."
        for name, value in of_site.items()
        if not to_do and value > limits[name]
    ]
    return wrong


def total(pages: dict[str, Counts]) -> Counts:
    """The counts of all pages together."""
    every = pages.values()
    return Counts(
        sum(each.words for each in every),
        sum(each.persons for each in every),
        sum(each.free for each in every),
        [length for each in every for length in each.lengths],
    )


def counts(text: str) -> Counts:
    """The counts of one page, given as Markdown."""
    persons = free = words = 0
    lengths: list[int] = []
    for heading, block in blocks(text):
        words += _length(block)
        persons += len(PERSON.findall(block))
        for sentence in () if heading else END.split(block):
            question = sentence.rstrip("\"”') ").endswith("?")
            persons += bool(not question and BARE_WHO.match(sentence))
            free += bool(not question and FREE.match(sentence.lstrip("\"“'(")))
            lengths.append(_length(sentence))
    return Counts(words, persons, free, [length for length in lengths if length >= SHORTEST])


def _length(text: str) -> int:
    return len(re.findall(r"\w[\w\u2019'/.-]*", text))


def blocks(text: str) -> Iterator[tuple[bool, str]]:
    """Each paragraph, item and heading as plain text, and whether it is a heading."""
    paragraph: list[str] = []
    for heading, line in _lines(text):
        if not heading and line and not ITEM.match(line):
            paragraph.append(line)
            continue
        if paragraph:
            yield False, _unmarked(paragraph)
        paragraph = [ITEM.sub("", line)] if line and not heading else []
        if heading:
            yield True, _unmarked([line])
    if paragraph:
        yield False, _unmarked(paragraph)


def _lines(text: str) -> Iterator[tuple[bool, str]]:
    """The lines that a reader reads as prose, blank ones included, and a blank one at each cut."""
    lines = text.splitlines()
    start = lines.index("---", 1) + 1 if lines[:1] == ["---"] else 0
    closing: str | None = None
    for line in (each.strip() for each in lines[start:]):
        if closing is not None:
            closing = None if line == closing else closing
            yield False, ""
        elif match := OPAQUE.match(line):
            closing = match[1] or ""
            yield False, ""
        elif DIRECTIVE.match(line):
            yield False, ""
        elif line.startswith("#"):
            yield True, line.lstrip("# ")
        elif match := TITLED.match(line):
            yield True, match[1] or ""
        else:
            yield False, line


def _unmarked(lines: list[str]) -> str:
    text = " ".join(lines)
    for markup, instead in MARKUP:
        text = markup.sub(instead, text)
    return " ".join(text.split())


if __name__ == "__main__":
    sys.exit(main())
