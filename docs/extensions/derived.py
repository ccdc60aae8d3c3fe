"""Pages that are derived from the code: compared with what is kept, written with --accept.

python -m docs.extensions.derived             compares docs/derived/ and asyncapi.json
python -m docs.extensions.derived --accept    writes them
"""

import ast
import json
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from typing import Any

import inflect

from messagebus.contracts import asyncapi_document, published_messages, schema_of
from messagebus.contracts.schemas import MessageType, metadata_of
from reading_club.config import SECRETS_DIR, Settings
from reading_club.domain import messages
from tutorial.book import Book, Chapter

ROOT = Path(__file__).resolve().parents[2]
MESSAGES = "reading_club/domain/messages.py"
HANDLERS = "reading_club/service/handlers"
REMEDY = "python -m docs.extensions.derived --accept"


def catalogue(book: Book) -> str:
    """Every published message: its schema, an envelope, who raises it, where it was born."""
    return "\n".join(line for each in published_messages(messages) for line in _entry(book, each))


def _entry(book: Book, message: MessageType) -> Iterator[str]:
    metadata, chapter = metadata_of(message), _chapter_of(book, message)
    page = f"../{chapter.page}"
    yield f"## {message.__name__}"
    yield ""
    yield f"{message.__doc__}"
    yield ""
    yield f"- Type on the stream: `{metadata.stream_type}`"
    yield f"- Name and version: `{metadata.name}`, {metadata.schema_version}"
    yield f"- Raised by {', '.join(f'`{each}`' for each in _raised_by(message))}"
    yield f"- Born in [chapter {chapter.number}, {chapter.title}]({page})"
    yield ""
    yield "An envelope, from a run:"
    yield ""
    yield from _fenced(_envelopes()[metadata.stream_type])
    yield "The schema of its payload:"
    yield ""
    yield from _fenced(schema_of(message))


def _fenced(content: Mapping[str, Any]) -> Iterator[str]:
    yield "``` {.json .broken data-search-exclude=true}"
    yield from json.dumps(content, indent=2, ensure_ascii=False).split("\n")
    yield "```"
    yield ""


def _envelopes() -> Mapping[str, Mapping[str, str]]:
    files = [ROOT / f"docs/runs/{run}.txt" for run in ("events", "withdrawn")]
    lines = [line for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    found = [json.loads(line) for line in lines if line.startswith("{")]
    return {each["type"]: each for each in found}


def _chapter_of(book: Book, message: MessageType) -> Chapter:
    line = f"class {message.__name__}("
    return next(stage.chapter for stage in book.stages if line in stage.after.get(MESSAGES, ""))


def _raised_by(message: MessageType) -> list[str]:
    return [
        f"{file.stem}.{function.name}"
        for file in sorted((ROOT / HANDLERS).glob("*.py"))
        for function in ast.parse(file.read_text(encoding="utf-8")).body
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == message.__name__
    ]


def settings() -> str:
    """Every setting: its variable, type, default, and what its docstring says."""
    prefix = Settings.model_config.get("env_prefix", "")
    descriptions = _docstrings(ROOT / "reading_club/config.py", "Settings")
    made: list[str] = []
    for name, field in Settings.model_fields.items():
        schema = Settings.model_json_schema()["properties"][name]
        kinds = [each.get("type") for each in schema.get("anyOf", [schema])]
        kind = " or ".join(str(each) for each in kinds if each != "null")
        default = field.default
        if any(each.get("format") == "password" for each in schema.get("anyOf", [schema])):
            kind = "secret"
        if hasattr(default, "get_secret_value"):
            default = default.get_secret_value()
        shown = "no default" if default is None else f"`{default}` by default"
        made.append(f"- **`{prefix}{name.upper()}`**, {kind}, {shown}<br>{descriptions[name]}")
    where = (
        "A folder whose files are named as the variables, in lower case; a variable comes first."
    )
    made.append(f"- **`{SECRETS_DIR}`**, string, no default<br>{where}")
    return "\n".join(made)


def _docstrings(file: Path, name: str) -> Mapping[str, str]:
    """What stands in quotes below each attribute of a class."""
    module = ast.parse(file.read_text(encoding="utf-8"))
    body = next(
        each.body for each in module.body if isinstance(each, ast.ClassDef) and each.name == name
    )
    return {
        attribute.target.id: " ".join(str(text.value.value).split())
        for attribute, text in pairwise(body)
        if isinstance(attribute, ast.AnnAssign)
        and isinstance(attribute.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }


def dependencies() -> str:
    """The sentence that names what installing the bus installs, from pyproject.toml."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = [re.split(r"[^\w-]", each)[0] for each in project["dependencies"]]
    count = inflect.engine().number_to_words(str(len(names)))
    return f"It installs {count} libraries: {', '.join(names[:-1])} and {names[-1]}.\n"


def derived() -> Mapping[Path, str]:
    """Each file with what it should hold."""
    document = asyncapi_document("Reading club", "1", published_messages(messages))
    return {
        ROOT / "docs/derived/catalogue.md": catalogue(Book()),
        ROOT / "docs/derived/dependencies.md": dependencies(),
        ROOT / "docs/derived/settings.md": settings() + "\n",
        ROOT / "docs/reference/asyncapi.json": json.dumps(document, indent=2) + "\n",
    }


def main() -> int:
    """Compare, or write."""
    stale = 0
    for file, text in derived().items():
        if file.is_file() and file.read_text(encoding="utf-8") == text:
            continue
        name = file.relative_to(ROOT)
        if "--accept" in sys.argv[1:]:
            file.parent.mkdir(exist_ok=True)
            file.write_text(text, encoding="utf-8")
            print(f"{name} accepted")
        else:
            print(f"{name} is not what the code says: read what changed, then run {REMEDY}")
            stale += 1
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
