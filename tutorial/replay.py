"""The tutorial typed along from an empty folder, by the built HTML alone.

A reader sees captions, lines, and runs of pytest. So does this: what a listing's caption says is
done with its lines, and each run that a page shows is run, unless it is known how it ends in a
folder of that content. Then the folder is compared with the states of the chapters, and the
outcome with the one on the page. Folded panels are passed by.
"""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

from typing_extensions import override

from tutorial.book import Book, Chapter, State, files_in
from tutorial.captions import read_caption
from tutorial.changes import Mark, Row
from tutorial.errors import TutorialError
from tutorial.listings import changed_along, typed_along
from tutorial.runs import Workshop, write

PROMPT = "$ pytest"
FOLDER = "replay"
PASSED = re.compile(r"^\d+ passed(, \d+ (skipped|deselected|warnings?))*$", flags=re.MULTILINE)
MARKS = {f"tutorial-{mark}": mark for mark in Mark}
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"}


@dataclass
class Block:
    """A caption and the lines under it, or what to do with each; runs have no caption."""

    caption: str = ""
    text: str = ""
    classes: set[str] = field(default_factory=set[str])
    marked: list[tuple[Mark, str]] = field(default_factory=list[tuple[Mark, str]])

    @property
    def rows(self) -> list[Row]:
        """The lines of a listing that shows changes."""
        return [Row(mark, text.removesuffix("\n")) for mark, text in self.marked]


class Page(HTMLParser):
    """Collects the blocks of code that stand open on a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.blocks: list[Block] = []
        self.open: list[tuple[str, set[str]]] = []
        self.feed(html)

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in VOID:
            return
        classes = set((dict(attrs).get("class") or "").split())
        self.open.append((tag, classes))
        if "highlight" in classes or "tutorial-caption" in classes:
            self.blocks.append(Block(classes=classes))
        if self.blocks and (known := classes & MARKS.keys()):
            self.blocks[-1].marked.append((MARKS[known.pop()], ""))

    @override
    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    @override
    def handle_data(self, data: str) -> None:
        tags = {tag for tag, _ in self.open}
        if "details" in tags or not self.blocks:
            return
        classes = {name for _, classes in self.open for name in classes}
        if "filename" in classes or "tutorial-caption" in classes:
            self.blocks[-1].caption += data
        elif "highlight" in classes and "code" in tags:
            self.blocks[-1].text += data
            if classes & MARKS.keys():
                mark, text = self.blocks[-1].marked[-1]
                self.blocks[-1].marked[-1] = mark, text + data


def replay(book: Book, site: Path) -> list[TutorialError]:
    """What differs between the folder that the pages lead to and the states."""
    workshop = Workshop(book)
    shutil.rmtree(workshop.folder / FOLDER, ignore_errors=True)
    (workshop.folder / FOLDER).mkdir(parents=True)
    wrong: list[TutorialError] = []
    for chapter in book.chapters:
        try:
            for one in _chapter(workshop, book, chapter, site):
                wrong.append(one)
        except TutorialError as error:
            return [*wrong, error]
    return wrong


def _chapter(
    workshop: Workshop, book: Book, chapter: Chapter, site: Path
) -> Iterator[TutorialError]:
    folder = workshop.folder / FOLDER
    wanted = iter(list(_pauses(book, chapter)))
    for block in Page(_html(site, chapter)).blocks:
        if block.caption:
            _type(chapter, block, folder)
        elif block.text.startswith(PROMPT):
            name, state = next(wanted, ("no run", State()))
            typed = files_in(folder)
            yield from _differences(f"{chapter.name}, {name}", state, typed)
            yield from _run(f"{chapter.name}, {name}", block.text, workshop, typed)
    for name, _ in wanted:
        remedy = "Show each run of the step with [red] and [green]"
        yield TutorialError(f"{chapter.name}, {name}", "the page does not show it", remedy)


def _pauses(book: Book, chapter: Chapter) -> Iterator[tuple[str, State]]:
    for stage in book.stages_of(chapter):
        if stage.step.red:
            yield f"red run of step {stage.step.slug}", stage.red
        yield f"green run of step {stage.step.slug}", stage.after


def _html(site: Path, chapter: Chapter) -> str:
    name = chapter.page.removesuffix(".md")
    for file in (site / name / "index.html", site / f"{name}.html"):
        if file.is_file():
            return file.read_text(encoding="utf-8")
    raise TutorialError(chapter.name, f"{site} has no page {name}", "Build the site first")


def _type(chapter: Chapter, block: Block, folder: Path) -> None:
    try:
        path, place = read_caption(block.caption)
    except ValueError:
        rule = f"nobody can tell what the caption {block.caption!r} asks for"
        raise TutorialError(
            chapter.name, rule, "Let [include] and [remove] write captions"
        ) from None
    if place is None:
        return
    file = folder / path
    if place.verb == "removed":
        file.unlink()
        return
    typed = file.read_text(encoding="utf-8") if file.is_file() else None
    try:
        if place.is_change and typed is not None:
            text = changed_along(typed, place, block.rows)
        else:
            text = typed_along(typed, place, block.text.splitlines())
    except (LookupError, SyntaxError) as error:
        remedy = "Show the part that holds it first"
        raise TutorialError(
            f"{chapter.name}, {path}", f"{place} cannot be done: {error}", remedy
        ) from None
    write(file, text)


def _differences(where: str, state: State, typed: State) -> Iterator[TutorialError]:
    remedy = "Run python -m tutorial check: it names the line"
    for path in sorted(state.keys() | typed.keys()):
        if state.get(path) != typed.get(path):
            there = "differs" if path in state and path in typed else "is there or not"
            yield TutorialError(f"{where}, {path}", f"typed along, the file {there}", remedy)


def _run(where: str, shown: str, workshop: Workshop, typed: State) -> Iterator[TutorialError]:
    command, _, printed = shown.partition("\n")
    outcome = workshop.pytest(FOLDER, typed, command.removeprefix(PROMPT).strip())
    says_failed = not PASSED.search(printed.rstrip())
    if says_failed != bool(outcome.code):
        rule = f"the page shows that it {'fails' if says_failed else 'passes'}, and it does not"
        yield TutorialError(where, rule, "Run python -m tutorial states")
