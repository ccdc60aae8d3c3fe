"""Words that the field does not use, in identifiers, docstrings, errors, comments and pages.

    python -m docs.extensions.words    names each place, the word, and what to say instead

`words.toml` lists the words that stay: where, and why. A place is a path, or `path:name` for one
identifier, with `*` for any text; an entry that matches nothing is an error, too. A chapter's copy
of a file goes by the file's own path. The table `to-do` has the paths that nobody has swept yet.
"""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
LIST = "docs/extensions/words.toml"
COPY = re.compile(r"tutorial/chapters/[^/]+/[^/]+/(?=.*/)")
LEFT_OUT = re.compile(
    r"docs/(assets|benchmarks|runs)/|docs/extensions/(tests/test_)?words\.|tutorial/tests/shelf/"
)
"""Figures and outputs, which are as a run printed them; the lists of the check; another book."""

SAY = {
    "door": "async or sync variant, or entrypoint",
    "colour": "async or sync variant",
    "twin": "async or sync variant",
    "desk": "what it is: a command endpoint, a process",
    "agenda": "completion steps",
    "hop": "submit",
    "shaken": "failed",
    "seat": "leader lock",
}
"""Retired in identifiers, as a word of them, and in prose."""

PARTS = {
    "refuse": "raise_if, reject, exit or Problem",
    "refusal": "raise_if, dead letter, exit or Problem",
    "patience": "timeout",
    "rivals": "conflicting locks",
    "resign": "release",
    "wording": "error messages",
    "crowd": "concurrent writers",
}
"""Retired in identifiers, as a word of them."""

EXACT = {
    "drive": "run_sync",
    "settle": "maybe_await",
    "steps": "completion steps",
    "line": "connection",
    "lines": "pool",
    "finish": "shielded",
    "plain": "what it is, such as not awaitable",
    "whole": "what it is",
    "begun": "started",
    "longest": "max_elapsed",
    "on": "retry_on",
    "tries": "max_attempts",
    "lead": "try_acquire",
    "once": "idempotency",
    "answers": "idempotency store",
    "claim": "reservation",
    "records": "CSV records",
    "reading": "queries",
    "running": "runner",
    "watched": "observed",
    "rounds": "interleaving",
    "pick": "libraries",
    "born": "raised",
    "said": "output",
    "asked": "requested",
    "given": "dependencies",
    "looked": "seen",
}
"""Retired as a whole identifier or as the name of a module."""

PROSE = re.compile(rf"(?i)(?<![\w`/.-])({'|'.join(SAY)})(s|ed|less)?(?![\w/])")
STEP = re.compile(r"\[step |slug = ")


class Found(NamedTuple):
    """A retired word, its path, the identifier where it is one, and its line."""

    word: str
    path: str
    name: str
    line: int


def main(root: Path = ROOT) -> int:
    """Print what is wrong; 1 where anything is."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(listed, cwd=root, capture_output=True, text=True, check=True)
    found = [each for path in done.stdout.splitlines() for each in _file(root, path)]
    wrong = judged(found, tomllib.loads((root / LIST).read_text(encoding="utf-8")))
    print("\n".join(wrong))
    print(f"{len(wrong)} words to replace, {len(found)} places read")
    return 1 if wrong else 0


def judged(found: list[Found], stays: dict[str, dict[str, str]]) -> list[str]:
    """What no entry of the list allows, and the entries that allow nothing."""
    idle = {(word, place) for word, places in stays.items() for place in places}
    wrong: list[str] = []
    for each in found:
        words = (each.word, "to-do")
        allowed = {(w, place) for w in words for place in stays.get(w, {}) if _at(place, each)}
        idle -= allowed
        if not allowed:
            name = f" in {each.name}" if each.name else ""
            say = (SAY | PARTS | EXACT)[each.word]
            wrong.append(
                f"{each.path}:{each.line}: {each.word!r}{name} is not a word of the field. "
                f"Say {say}; {LIST} has those that stay."
            )
    wrong += [
        f"{LIST}: {word!r} no longer stands at {place}. Delete the entry."
        for word, place in sorted(idle)
    ]
    return wrong


def _at(place: str, found: Found) -> bool:
    path = COPY.sub("", found.path)
    return fnmatchcase(f"{path}:{found.name}" if ":" in place else path, place)


def _file(root: Path, path: str) -> Iterator[Found]:
    if LEFT_OUT.match(path) or not path.endswith((".py", ".md", ".toml", ".yml")):
        return
    file = root / path
    if not file.is_file():
        return
    text = file.read_text(encoding="utf-8")
    yield from prose(path, text)
    if path.endswith(".py"):
        yield from identifiers(path, text)


def prose(path: str, text: str) -> Iterator[Found]:
    """The retired words of a text; a step of a chapter keeps its name."""
    for number, line in enumerate(text.splitlines(), start=1):
        for match in () if STEP.match(line) else PROSE.finditer(line):
            yield Found(match[1].lower(), path, "", number)


def identifiers(path: str, text: str) -> Iterator[Found]:
    """What a module defines or binds under a retired word, its own name included."""
    for name, line in [(Path(path).stem, 1), *_bound(path, text)]:
        for word in _retired(name):
            yield Found(word, path, name, line)


def _retired(name: str) -> Iterator[str]:
    parts = [each.lower() for each in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)]
    sentence = name.startswith("test_")
    for part in parts:
        for word in SAY if sentence else SAY | PARTS:
            if part in (word, f"{word}s"):
                yield word
    if not sentence and (word := "_".join(parts)) in EXACT:
        yield word


def _bound(path: str, text: str) -> Iterator[tuple[str, int]]:
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        line = getattr(node, "lineno", 1)
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield name, line
            case ast.ClassDef(name=name) | ast.arg(arg=name) | ast.alias(asname=str(name)):
                yield name, line
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield name, line
            case ast.ExceptHandler(name=str(name)) | ast.MatchAs(name=str(name)):
                yield name, line
            case ast.MatchStar(name=str(name)):
                yield name, line
            case _:
                continue


if __name__ == "__main__":
    sys.exit(main())
