"""The chapters, their steps, and the state of every file after each step.

A file that a step writes comes from the top level of the repository, unless the step's own folder
`tutorial/chapters/NN-name/STEP/` holds an earlier form of it.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from tutorial.errors import TutorialError

State = dict[str, str]
"""Path of each file, with forward slashes, and its text."""

ROOT = Path(__file__).resolve().parent.parent
TOLD = ("messagebus", "reading_club", "tests")


class Table(BaseModel):
    """A table of `chapter.toml`; keys that it does not have are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Red(Table):
    """A run that must fail, with this exception and these words in its message."""

    run: str
    raises: str
    says: str


class Diagram(Table):
    """A test to record: which functions are drawn, and as whom."""

    slug: str
    title: str
    run: str
    calls: dict[str, str]


class Step(Table):
    """Files to write, the run that asks for them, and the run that they make pass."""

    slug: str
    writes: list[str] = []
    removes: list[str] = []
    red: Red | None = None
    green: str
    diagrams: list[Diagram] = []


class Exercise(Table):
    """An answer: files laid over the chapter's last state, and the run that passes there."""

    slug: str
    writes: list[str]
    green: str


class Chapter(Table):
    """What `chapter.toml` says, and the folder's name."""

    name: str
    title: str
    part: str
    adds: str
    page: str
    steps: list[Step]
    exercises: list[Exercise] = []
    own_bus: str = ""
    """Why this chapter's club does not run on the finished `messagebus`, where it does not."""

    @property
    def number(self) -> int:
        """The number in its folder's name."""
        return int(self.name[:2])


@dataclass(frozen=True)
class Stage:
    """A step in its place: the files before it, with its tests only, and after it."""

    chapter: Chapter
    step: Step
    folder: Path
    before: State
    red: State
    after: State

    @property
    def number(self) -> str:
        """Chapter and step by their numbers, as in `start 9.3`."""
        return f"{self.chapter.number}.{self.chapter.steps.index(self.step) + 1}"

    @property
    def name(self) -> str:
        """Chapter and step, as the commands take them."""
        return f"{self.chapter.name}/{self.step.slug}"


@dataclass(frozen=True)
class Version:
    """One form of a file: the step that writes it, and whether that step keeps its own copy."""

    stage: Stage
    text: str
    frozen: bool


class Book:
    """All chapters of one repository."""

    def __init__(self, root: Path = ROOT) -> None:
        self.root = root
        self.folder = root / "tutorial" / "chapters"
        self.base = files_in(root / "tutorial" / "base")
        self.missing: list[TutorialError] = []
        """Files that a step writes and that are nowhere: only freezing them helps."""
        self.chapters = list(self._chapters())
        self.versions: dict[str, list[Version]] = {}
        self.stages = list(self._stages())

    def chapter(self, name: str) -> Chapter:
        """The chapter of that name, or of that number."""
        for chapter in self.chapters:
            if name in (chapter.name, str(chapter.number), chapter.name[:2]):
                return chapter
        known = ", ".join(chapter.name for chapter in self.chapters)
        raise TutorialError(f"chapter {name}", "there is no such chapter", f"Name one of {known}")

    def stages_of(self, chapter: Chapter) -> list[Stage]:
        """The steps of a chapter, in their order."""
        return [stage for stage in self.stages if stage.chapter is chapter]

    def last(self, chapter: Chapter) -> Stage:
        """The step that ends a chapter."""
        return self.stages_of(chapter)[-1]

    def stage(self, name: str) -> Stage:
        """Chapter 9 by "9", to its end; its third step by "9.3"."""
        number, _, step = name.partition(".")
        chapter = self.chapter(number)
        stages = self.stages_of(chapter)
        if not step:
            return stages[-1]
        if step.isdecimal() and 0 < int(step) <= len(stages):
            return stages[int(step) - 1]
        first, last = stages[0].number, stages[-1].number
        rule = f"the chapter has no step {step}"
        raise TutorialError(f"step {name}", rule, f"Name one of {first} to {last}")

    def answer(self, chapter: Chapter, exercise: Exercise) -> State:
        """The files that answer an exercise, alone."""
        folder = self.folder / chapter.name / exercise.slug
        answer = files_in(folder)
        for path in sorted(set(exercise.writes) ^ set(answer)):
            raise TutorialError(
                f"{chapter.name}, exercise {exercise.slug}, {path}",
                "the files of an answer and its `writes` differ",
                f"Keep the file in {folder.relative_to(self.root)}/, and name it in `writes`",
            )
        return answer

    def top(self, path: str) -> str | None:
        """The top level's text of a file, None where it has no such file."""
        file = self.root / path
        return file.read_text(encoding="utf-8") if file.is_file() else None

    def _chapters(self) -> Iterator[Chapter]:
        for number, file in enumerate(sorted(self.folder.glob("*/chapter.toml")), start=1):
            name = file.parent.name
            where = file.relative_to(self.root).as_posix()
            if not re.match(f"{number:02}-[a-z]", name):
                rule = f"chapter {number} is named {name}"
                raise TutorialError(where, rule, f"Name its folder {number:02}-something")
            try:
                read = {"name": name, "page": f"tutorial/{name}.md"}
                yield Chapter.model_validate(read | tomllib.loads(file.read_text("utf-8")))
            except tomllib.TOMLDecodeError as error:
                raise TutorialError(where, f"it is not TOML: {error}", "Mend that line") from None
            except ValidationError as error:
                first = error.errors()[0]
                key = ".".join(str(part) for part in first["loc"])
                rule = f"key {key}: {first['msg']}"
                raise TutorialError(
                    where, rule, "See tutorial/book.py for the keys there are"
                ) from None

    def _stages(self) -> Iterator[Stage]:
        before, state = State(), self.base
        for chapter in self.chapters:
            for step in chapter.steps:
                stage = self._stage(chapter, step, before, state)
                before = state = stage.after
                for path in step.writes:
                    frozen = (stage.folder / path).is_file()
                    version = Version(stage, stage.after[path], frozen)
                    self.versions.setdefault(path, []).append(version)
                yield stage

    def _stage(self, chapter: Chapter, step: Step, before: State, state: State) -> Stage:
        folder = self.folder / chapter.name / step.slug
        written = {path: self._text(folder, path) for path in step.writes}
        for path in step.removes:
            if path not in state:
                raise TutorialError(
                    f"{chapter.name}, step {step.slug}, {path}",
                    "the step removes a file that is not there",
                    "Take it out of `removes`",
                )
        after = {p: t for p, t in (state | written).items() if p not in step.removes}
        tests = {p: t for p, t in written.items() if p.startswith("tests/")}
        gone = {p for p in step.removes if p.startswith("tests/")}
        red = {p: t for p, t in (state | tests).items() if p not in gone}
        return Stage(chapter, step, folder, before, red, after)

    def _text(self, folder: Path, path: str) -> str:
        where = folder.relative_to(self.folder).as_posix().replace("/", ", step ")
        if (folder / path).is_file():
            return (folder / path).read_text(encoding="utf-8")
        text = self.top(path)
        if path in self.base or text is None:
            missing = "belongs to the base" if path in self.base else "is not at the top level"
            remedy = f"Keep the step's own form, or run python -m tutorial freeze {path}"
            rule = f"the file {missing} and is not frozen"
            self.missing.append(TutorialError(f"{where}, {path}", rule, remedy))
        return text or ""


def files_in(folder: Path) -> State:
    """The text files of a folder."""
    return {path: (folder / path).read_text(encoding="utf-8") for path in paths_in(folder)}


def paths_in(folder: Path) -> list[str]:
    """The files of a folder, without caches and without a step's committed outputs."""
    return [
        file.relative_to(folder).as_posix()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
        and "__pycache__" not in file.parts
        and not (file.parent == folder and is_output(file))
    ]


def is_output(file: Path) -> bool:
    """Whether the file is the committed output of a run, beside its step."""
    return file.name in ("red.txt", "green.txt") or file.suffix == ".arrows"
