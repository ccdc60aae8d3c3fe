"""The club's files as a template: without its books and reviews, and with names to be filled in.

`plan.toml` says which files a service starts with, which definitions it does without, and which
lines read otherwise; and the same of a service without HTTP or without SQL. What the plan expects
and the club no longer has is an error, so the starter cannot fall behind the club.
"""

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter

ROOT = Path(__file__).resolve().parents[1]
HERE = Path(__file__).resolve().parent

OPENED = "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}"
CLOSED = "\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


class PlanError(Exception):
    """The plan expects of a file what is not in it."""


class Cut(BaseModel):
    """What becomes of one file."""

    model_config = ConfigDict(extra="forbid")

    drop: Sequence[str] = ()
    """Definitions that are left out, as NAME or CLASS.NAME."""

    edits: Sequence[tuple[str, str]] = ()
    """What stands in what is left, and what stands in its place, before names are replaced."""

    def then(self, other: "Cut") -> "Cut":
        """Both, this one first."""
        return Cut(drop=[*self.drop, *other.drop], edits=[*self.edits, *other.edits])


class Part(BaseModel):
    """What becomes of a service that does without a part."""

    model_config = ConfigDict(extra="forbid")

    includes: Sequence[str] = ()
    """The parts that cannot be there without this one."""

    leaves_out: Sequence[str]
    """Files of the club or of the template, or folders with a slash at their end."""

    brings: Sequence[str] = ()
    """Files of the template that only such a service has."""

    forbidden: str
    """A regular expression that no line of such a service may match."""

    files: Mapping[str, Cut]


class Plan(BaseModel):
    """All of it."""

    model_config = ConfigDict(extra="forbid")

    names: Sequence[tuple[str, str]]
    """Regular expressions, and what replaces each match, in order, in every path and text."""

    forbidden: str
    """A regular expression that no line of a service may match."""

    files: Mapping[str, Cut]

    without: Mapping[str, Part]

    def absent(self, parts: Collection[str]) -> Collection[str]:
        """These parts, and those that cannot be there without them."""
        return {*parts, *(each for part in parts for each in self.without[part].includes)}

    def has(self, path: str, parts: Collection[str]) -> bool:
        """Whether a service without these parts has the file of the club or of the template."""
        absent, path = self.absent(parts), named(path, self)
        for part in absent:
            for each in (named(each, self) for each in self.without[part].leaves_out):
                if path == each or (each.endswith("/") and path.startswith(each)):
                    return False
        return all(part in absent for part, about in self.without.items() if path in about.brings)


def read_plan() -> Plan:
    """The plan, as it is written."""
    text = HERE.joinpath("plan.toml").read_text(encoding="utf-8")
    return TypeAdapter(Plan).validate_python(tomllib.loads(text))


def derived(plan: Plan, parts: Collection[str] = ()) -> Iterator[tuple[str, str]]:
    """Each file that comes from the club, for a service without these parts: path and text."""
    absent = sorted(plan.absent(parts))
    for path, cut in plan.files.items():
        if not plan.has(path, parts):
            continue
        for part in absent:
            cut = cut.then(plan.without[part].files.get(path, Cut()))
        text = without(path, ROOT.joinpath(path).read_text(encoding="utf-8"), cut.drop)
        for old, new in cut.edits:
            if old not in text:
                raise PlanError(f"{path} has no longer, once its definitions are left out: {old!r}")
            text = text.replace(old, new)
        yield named(path, plan), named(in_words(path, text), plan)


def named(text: str, plan: Plan) -> str:
    """The text with the club's names as blanks."""
    for pattern, name in plan.names:
        text = re.sub(pattern, name, text)
    return text


MODEL = re.compile(r"(?<![\w{(/.`-])(?:(?P<a>[Aa])\s+)?(?P<word>[Rr]eviewers?)(?![\w(}`=-]|\.\w)")
FORMS = {"reviewer": "word", "reviewers": "words", "Reviewer": "Word", "Reviewers": "Words"}
SLUG = re.compile(r"(?<=-)reviewer\b|\breviewer(?=-)")


def in_words(path: str, text: str) -> str:
    """The text with the club's model as people say it, wherever a comment or a sentence has it."""
    if not path.endswith(".py"):
        return text
    lines = text.splitlines(keepends=True)
    begins = [0]
    for line in lines:
        begins.append(begins[-1] + len(line))
    made, done = "", 0
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        kind = tokenize.tok_name[token.type]
        if kind not in ("COMMENT", "STRING", "FSTRING_MIDDLE"):
            continue
        begin, end = (begins[row - 1] + column for row, column in (token.start, token.end))
        sentence = SLUG.sub(blank("slug"), text[begin:end])
        if " " in sentence or sentence.startswith('"""'):
            sentence = MODEL.sub(_form, sentence)
        made, done = made + text[done:begin] + sentence, end
    return made + text[done:]


def _form(found: re.Match[str]) -> str:
    article, word = found["a"], found["word"]
    return blank(f"{article}_word" if article else FORMS[word])


def blank(name: str) -> str:
    """Where a new service has the answer of that name."""
    return f"{OPENED}{name}{CLOSED}"


def without(path: str, text: str, names: Sequence[str]) -> str:
    """The text without these definitions, their decorators and what is said of them below."""
    if not names:
        return text
    lines = text.splitlines(keepends=True)
    spans = dict(_spans(ast.parse(text).body))
    gone: set[int] = set()
    for name in names:
        if name not in spans:
            raise PlanError(f"{path} has no {name}; it has {', '.join(spans)}")
        gone.update(spans[name])
    return "".join(line for number, line in enumerate(lines, 1) if number not in gone)


def _spans(body: Sequence[ast.stmt], prefix: str = "") -> Iterator[tuple[str, range]]:
    for place, node in enumerate(body):
        begin, end = node.lineno, node.end_lineno or node.lineno
        below = body[place + 1] if place + 1 < len(body) else None
        if isinstance(node, Definition):
            begin = min([begin, *(each.lineno for each in node.decorator_list)])
            yield prefix + node.name, range(begin, end + 1)
            if isinstance(node, ast.ClassDef):
                yield from _spans(node.body, f"{node.name}.")
            continue
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            end = below.end_lineno or end
        for name in _assigned(node):
            yield prefix + name, range(begin, end + 1)


def _assigned(node: ast.stmt) -> Iterator[str]:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
            yield name
        case _:
            return
