"""Python-Markdown extension: the directives of the tutorial, each alone on its line.

On every page, from the top level of the repository; in a chapter, from the step's state:

    [include reading_club/domain/model.py]               a whole file
    [include reading_club/domain/model.py#Book]          a class, a function, an assignment
    [include reading_club/domain/model.py#Book.rate]     a method
    [include messagebus/bus.py#AsyncMessageBus.head]     a class up to its first method
    [include tests/conftest.py#imports]                  also `docstring`, `Book.docstring`
    [include tests/conftest.py#imports,Transport]        neighbours, as one listing
    [map]                                                all chapters, and what each adds
    [code 06-event-stream]                               the whole code after a chapter
    [promises]                                           what the bus promises, and where
    [print]                                              all chapters in a row, for paper

Only in a chapter:

    [chapter 06-event-stream]                            first of all; shows "you are here"
    [step transport]                                     from here on, this step's state
    [include tests/conftest.py#Transport replaces Sink]  in place of a part of another name
    [remove tests/conftest.py#Sink]                      without #: the whole file
    [empty tests/__init__.py reading_club/__init__.py]   new files without a line
    [red] and [green]                                    the step's runs and their outputs
    [diff messagebus/bus.py]                             what the step changes in a file
    [tree]                                               the files of the state, marked
    [diagram registering]                                a recorded run of the step, drawn
    [answer two-copies]                                  an exercise's files, folded
    [state]                                              last of all: how to get this state

A directive that cannot be followed is a warning of the build, so strict builds fail.
"""

import logging
import re
from collections.abc import Callable
from pathlib import Path

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from typing_extensions import override

from docs.extensions.included import Included
from tutorial import hours, panels, promises
from tutorial.book import ROOT, Book, Chapter, Stage
from tutorial.errors import TutorialError
from tutorial.pages import Typing
from tutorial.pieces import Listing
from tutorial.shown import shown

LINE = re.compile(r"^(?P<indent> *)\[(?P<word>[a-z]+)(?: (?P<rest>[^\]\[]+))?\]$")
FENCE = re.compile(r"^ *(```+|~~~+)")

HERE = "[you are here]"

log = logging.getLogger("mkdocs.tutorial")


class Directives:
    """Puts Markdown in the place of each directive of one page.

    With `listed` false, listings are typed along, but not written down.
    """

    def __init__(self, book: Book, page: Path | None = None, listed: bool = True) -> None:
        self.book = book
        self.file = page
        self.listed = listed
        self.typing = Typing(book)
        self.wrong = self.typing.wrong
        self.known: dict[str, Callable[[str], list[str]]] = {
            "include": self._include,
            "map": lambda rest: panels.chapter_map(book, rest, works(book)),
            "code": lambda rest: panels.whole_code(book, book.chapter(rest)),
            "print": lambda _: self._all_chapters(),
            "promises": lambda _: promises.table(book),
            "chapter": self._chapter,
            "step": self._step,
            "remove": self._remove,
            "empty": self._empty,
            "red": lambda _: self._output("red"),
            "green": lambda _: self._output("green"),
            "diff": lambda rest: panels.file_diff(panels.opened(self.typing.stage), rest),
            "tree": lambda _: panels.tree(book, panels.opened(self.typing.stage)),
            "diagram": lambda rest: panels.diagram(panels.opened(self.typing.stage), rest),
            "answer": lambda rest: panels.answer(book, panels.opened(self.typing.stage), rest),
            "state": self._state,
        }

    def page(self, lines: list[str]) -> list[str]:
        """The page's lines with the directives followed; what was wrong is in `wrong`."""
        made: list[str] = []
        fence = ""
        for line in lines:
            if match := FENCE.match(line):
                fence = "" if match[1] == fence else fence or match[1]
            found = None if fence else LINE.match(line)
            if found and found["word"] in self.known:
                made.extend(found["indent"] + row for row in self._follow(found))
            else:
                made.append(line)
        self._try(self.typing.must_have_run)
        self._try(self.typing.close)
        return self._with_minutes(made)

    def _with_minutes(self, made: list[str]) -> list[str]:
        """The page with "you are here", which is known when all of it is read."""
        if not (chapter := self.typing.chapter) or HERE not in made:
            return made
        self.typing.work.words = hours.words(self.book, chapter)
        index = made.index(HERE)
        here = panels.you_are_here(self.book, chapter, self.typing.work)
        return made[:index] + here + made[index + 1 :]

    def _follow(self, found: re.Match[str]) -> list[str]:
        rest = found["rest"] or ""
        made: list[str] = []
        self._try(lambda: made.extend(self.known[found["word"]](rest)), found[0].strip())
        return made

    def _try(self, work: Callable[[], None], directive: str = "") -> None:
        try:
            work()
        except TutorialError as wrong:
            where = f"{self._line(directive)}{wrong.where}"
            self.wrong.append(TutorialError(where, wrong.rule, wrong.remedy))

    def _line(self, directive: str) -> str:
        """Page and line of a directive, where the page is known."""
        if not directive or self.file is None:
            return f"{directive} " if directive else ""
        lines = [line.strip() for line in self.file.read_text("utf-8").splitlines()]
        number = lines.index(directive) + 1 if directive in lines else 0
        return f"{self.file.relative_to(self.book.root).as_posix()}:{number} {directive} "

    def _all_chapters(self) -> list[str]:
        """Each chapter as its own page makes it; what is wrong with it is said there."""
        made: list[str] = []
        for chapter in self.book.chapters:
            rows = chapter_page(self.book, chapter)
            start = rows.index("---", 1) + 1 if rows[:1] == ["---"] else 0
            made += [
                f"# {chapter.number} {row[2:]}" if row.startswith("# ") else row
                for row in rows[start:]
            ]
        return made

    def _chapter(self, rest: str) -> list[str]:
        self.typing.open(rest)
        return [HERE]

    def _step(self, rest: str) -> list[str]:
        self._try(self.typing.must_have_run)
        self.typing.step(rest)
        return []

    def _include(self, rest: str) -> list[str]:
        target, _, replaced = rest.partition(" replaces ")
        path, names = _target(target)
        made = self.typing.listing(path, names, _names(replaced))
        rows = [row for listing in made for row in shown(listing)] if self.listed else []
        stage = panels.opened(self.typing.stage) if self.typing.chapter else None
        if stage is None or not any(listing.lines for listing in made):
            return rows
        return [*rows, *self._jumps(stage, path, made, names)]

    def _jumps(self, stage: Stage, path: str, made: list[Listing], names: list[str]) -> list[str]:
        """The ways on, where the chapter's last state still has the file."""
        last = self.book.last(stage.chapter).after
        text = "\n".join(line for listing in made for line in listing.lines)
        return panels.jumps(self.book, stage.chapter, path, text, names) if path in last else []

    def _remove(self, rest: str) -> list[str]:
        path, names = _target(rest)
        return shown(self.typing.remove(path, names))

    def _empty(self, rest: str) -> list[str]:
        made: list[str] = []
        for path in rest.split():
            [listing] = self.typing.listing(path, [], [])
            if not listing.lines:
                made.extend(shown(listing))
                continue
            raise TutorialError(
                f"{self.typing.where}, {path}", "the file is not empty", "Include it"
            )
        return made

    def _output(self, kind: str) -> list[str]:
        stage = self.typing.pause(kind)
        if kind == "red" and stage.step.red is None:
            raise TutorialError(self.typing.where, "the step has no red run", "Take [red] out")
        return panels.output(stage, kind)

    def _state(self, _: str) -> list[str]:
        stage = panels.opened(self.typing.stage)
        return panels.how_to_get(self.book, stage.chapter)


def chapter_page(book: Book, chapter: Chapter) -> list[str]:
    """A chapter's page as its own build has it: the directives of `docs.extensions` come first."""
    page = book.root / "docs" / chapter.page
    lines = Included(book.root).run(page.read_text(encoding="utf-8").splitlines())
    return Directives(book, page).page(lines)


def works(book: Book) -> dict[str, hours.Work]:
    """What each chapter's page asks of its reader, by the chapter's name."""
    made: dict[str, hours.Work] = {}
    for chapter in book.chapters:
        page = book.root / "docs" / chapter.page
        directives = Directives(book, page, listed=False)
        directives.page(page.read_text(encoding="utf-8").splitlines())
        made[chapter.name] = directives.typing.work
    return made


class Tutorial(Extension):
    """Registered in mkdocs.yml as `tutorial.markdown:Tutorial`."""

    def __init__(self, **kwargs: object) -> None:
        self.config = {"root": [str(ROOT), "the repository's top level"]}
        super().__init__(**kwargs)

    @override
    def extendMarkdown(self, md: Markdown) -> None:
        root = Path(str(self.getConfig("root")))
        # Before the whitespace is normalised (30) and fences are read (25).
        md.preprocessors.register(_Follow(md, root), "tutorial", 40)


class _Follow(Preprocessor):
    def __init__(self, md: Markdown, root: Path) -> None:
        super().__init__(md)
        self.root = root

    def run(self, lines: list[str]) -> list[str]:
        if not any(LINE.match(line) for line in lines):
            return lines
        try:
            directives = Directives(Book(self.root.resolve()), self._page())
        except TutorialError as broken:
            log.warning("%s", broken)
            return lines
        made = directives.page(lines)
        for wrong in [*directives.book.missing, *directives.wrong]:
            log.warning("%s", wrong)
        return made

    def _page(self) -> Path | None:
        """The page that MkDocs is rendering: it leaves the file with its resolver of links."""
        for processor in self.md.treeprocessors if self.md else ():
            if source := getattr(getattr(processor, "file", None), "abs_src_path", None):
                return Path(source)
        return None


def _target(rest: str) -> tuple[str, list[str]]:
    path, _, names = rest.strip().partition("#")
    return path, _names(names)


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",") if name.strip()]
