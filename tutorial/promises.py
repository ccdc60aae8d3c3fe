"""The bus's promises: each with the step that tells it and the test that proves it."""

import ast
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from tutorial.book import Book, Stage
from tutorial.errors import TutorialError

LIST = "tutorial/promises.toml"


class Promise(BaseModel):
    """Where a promise is told, as CHAPTER/STEP, and what proves it, as FILE::TEST."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    step: str
    test: str


Groups = Mapping[str, Mapping[str, Promise]]


def promised(book: Book) -> Groups:
    """All promises, by their group and their sentence; none where there is no list."""
    file = book.root / LIST
    if not file.is_file():
        return {}
    try:
        read = tomllib.loads(file.read_text(encoding="utf-8"))
        return TypeAdapter(Groups).validate_python(read)
    except tomllib.TOMLDecodeError as error:
        raise TutorialError(LIST, f"it is not TOML: {error}", "Mend that line") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = f"{LIST}, {' / '.join(str(part) for part in first['loc'])}"
        remedy = 'Write "sentence" = { step = "CHAPTER/STEP", test = "FILE::TEST" }'
        raise TutorialError(where, first["msg"], remedy) from None


def check(book: Book) -> Iterator[TutorialError]:
    """Promises whose step or test is not there."""
    steps = {stage.name for stage in book.stages}
    for sentences in promised(book).values():
        for sentence, promise in sentences.items():
            where = f"{LIST}, {sentence!r}"
            if promise.step not in steps:
                rule = f"no chapter has a step {promise.step}"
                yield TutorialError(where, rule, "Name the step that breaks the promise first")
            file, _, test = promise.test.partition("::")
            if test not in _tests(book.root / file):
                rule = f"there is no test {promise.test}"
                yield TutorialError(where, rule, "Name the test that fails without it")


def table(book: Book) -> list[str]:
    """The promises, group by group, each with its step and its test below it."""
    stages = {stage.name: stage for stage in book.stages}
    made: list[str] = []
    for group, sentences in promised(book).items():
        made += [f"## {group}", "", '<div class="tutorial-promises" markdown>', ""]
        for sentence, promise in sentences.items():
            told = _told(stages[promise.step]) if promise.step in stages else promise.step
            file, _, test = promise.test.partition("::")
            made += [f"- {sentence}", "", f"    {told}<br>`{file}`<br>`{test}`", ""]
        made += ["</div>", ""]
    return made


def _told(stage: Stage) -> str:
    chapter = stage.chapter
    red = "" if stage.step.red else ", without a red run"
    return f"[{chapter.number} {chapter.title}](../{chapter.page}), step *{stage.step.slug}*{red}"


def _tests(file: Path) -> set[str]:
    if not file.is_file():
        return set()
    body = ast.parse(file.read_text(encoding="utf-8")).body
    return {node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
