"""A chapter's page, typed along: each listing goes where its caption says."""

import difflib
from collections.abc import Iterator

from tutorial.book import Book, Chapter, Stage, State
from tutorial.captions import Place
from tutorial.changes import Mark, Row, is_wide
from tutorial.errors import TutorialError
from tutorial.hours import Work
from tutorial.listings import typed_along
from tutorial.pieces import MAX_LINES, Listing, lines_of, pieces
from tutorial.symbols import name_at, parts_of


class Typing:
    """What a reader has typed, while reading one page; nothing is typed outside of chapters."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self.chapter: Chapter | None = None
        self.stage: Stage | None = None
        self.typed = State()
        self.ran: list[str] = []
        self.wrong: list[TutorialError] = []
        self.counts: dict[str, tuple[int, int]] = {}
        self.work = Work()
        self.wide: list[str] = []
        """Listings in which two lines around a change do not say where it goes."""

    @property
    def where(self) -> str:
        """Chapter and step, for errors."""
        if self.stage:
            return f"{self.stage.chapter.name}, step {self.stage.step.slug}"
        return self.chapter.name if self.chapter else "page"

    def open(self, name: str) -> Chapter:
        """The page tells this chapter: what the chapters before it wrote is there."""
        self.chapter = self.book.chapter(name)
        self.typed = dict(self.book.stages_of(self.chapter)[0].before)
        return self.chapter

    def step(self, slug: str) -> None:
        """From here on, listings show the state after this step."""
        if self.chapter is None:
            raise TutorialError(
                f"[step {slug}]", "the page is no chapter", "Put [chapter NAME] above"
            )
        expected = self.book.stages_of(self.chapter)
        due = expected[expected.index(self.stage) + 1 :] if self.stage else expected
        if not due or due[0].step.slug != slug:
            rule = f"step {slug} is not the next one"
            names = ", ".join(stage.step.slug for stage in expected)
            raise TutorialError(self.chapter.name, rule, f"Keep the order of chapter.toml: {names}")
        self.stage = due[0]
        self.ran = []

    def listing(self, path: str, names: list[str], replaced: list[str]) -> list[Listing]:
        """The named parts of a file, as they are after the step; the reader types what changes."""
        target = self.stage.after.get(path) if self.stage else self.book.top(path)
        if target is None:
            remedy = "Name a file that it holds, or add it to the step's `writes`"
            raise TutorialError(f"{self.where}, {path}", "this state has no such file", remedy)
        try:
            lines = lines_of(target, names)
        except LookupError as error:
            rule = f"it has no {error.args[0]}"
            raise TutorialError(f"{self.where}, {path}", rule, _nearest(target, names)) from None
        if not self.stage:
            made = [Listing(path, None, [Row(Mark.NEW, line) for line in lines])]
        else:
            made = self._type(path, target, names, replaced)
        for each in made:
            if len(each.rows) > MAX_LINES:
                rule = f"the listing {each.caption} is longer than {MAX_LINES} lines"
                remedy = "Show its parts one by one, with #names"
                raise TutorialError(f"{self.where}, {path}", rule, remedy)
        return made

    def remove(self, path: str, names: list[str]) -> Listing:
        """The reader deletes a file, or parts of one."""
        if path not in self.typed:
            rule = "there is nothing to remove: it was not typed"
            raise TutorialError(f"{self.where}, {path}", rule, "Take the directive out")
        if not names:
            del self.typed[path]
            return Listing(path, Place("removed"), [])
        place = Place("without", tuple(names))
        self._put(path, place, [])
        return Listing(path, place, [])

    def pause(self, kind: str) -> Stage:
        """The reader runs the tests: all that belongs to the run must be typed by now."""
        if self.stage is None:
            raise TutorialError(f"[{kind}]", "no step is open", "Put [step SLUG] above")
        self.ran.append(kind)
        wanted = self.stage.red if kind == "red" else self.stage.after
        self.wrong.extend(self._differences(wanted))
        if kind == "green":
            self._count(self.stage)
        self.typed = dict(wanted)
        return self.stage

    def close(self) -> None:
        """The page ends: each step's runs were shown."""
        if self.chapter is None:
            return
        missing = self.book.stages_of(self.chapter)
        if self.stage:
            missing = missing[missing.index(self.stage) + 1 :]
        if missing:
            rule = f"the page does not tell step {missing[0].step.slug}"
            raise TutorialError(
                self.chapter.name, rule, f"Write [step {missing[0].step.slug}] and its text"
            )

    def must_have_run(self) -> None:
        """Before the next step, and at the end: the runs of this step were shown in order."""
        if self.stage is None:
            return
        due = ["red", "green"] if self.stage.step.red else ["green"]
        if self.ran != due:
            rule = f"the page shows the runs {self.ran}, and the step has {due}"
            raise TutorialError(
                self.where, rule, "Put one line [red] or [green] where each run is shown"
            )

    def _type(self, path: str, target: str, names: list[str], replaced: list[str]) -> list[Listing]:
        where = f"{self.where}, {path}"
        typed = self.typed.get(path)
        try:
            made = pieces(typed, target, names, replaced)
        except LookupError as error:
            rule = f"what was typed so far has no {error.args[0]}"
            raise TutorialError(where, rule, "Show the part that holds it first") from None
        except SyntaxError as error:
            rule = f"once typed, the file is no Python at line {error.lineno}"
            raise TutorialError(where, rule, "Show whole statements") from None
        listings: list[Listing] = []
        for piece in made:
            listings.append(Listing(path, piece.place, piece.rows, typed or "", piece.text))
            if piece.place.is_change and is_wide(piece.rows):
                self.wide.append(f"{where}: {piece.place}")
            typed = self.typed[path] = piece.text
        if not made:
            same = [Row(Mark.SAME, line) for line in lines_of(target, names)]
            listings.append(Listing(path, None, same, target, target))
        for listing in listings:
            self.work.count(listing.rows)
        return listings

    def _put(self, path: str, place: Place, lines: list[str]) -> None:
        where = f"{self.where}, {path}"
        try:
            self.typed[path] = typed_along(self.typed.get(path), place, lines)
        except LookupError as error:
            rule = f"what was typed so far has no {error.args[0]}"
            raise TutorialError(where, rule, "Show the part that holds it first") from None
        except SyntaxError as error:
            rule = f"once typed, the file is no Python at line {error.lineno}"
            raise TutorialError(where, rule, "Show whole statements") from None

    def _count(self, stage: Stage) -> None:
        """Adds up how many lines the step brings to each file, and how many were shown."""
        for path, text in stage.after.items():
            new = text.splitlines()
            brings = len(_changed(stage.before.get(path, "").splitlines(), new))
            missing = len(_changed(self.typed.get(path, "").splitlines(), new))
            lines, shown = self.counts.get(path, (0, 0))
            if brings:
                self.counts[path] = lines + brings, shown + max(0, brings - missing)

    def _differences(self, wanted: State) -> Iterator[TutorialError]:
        for path in sorted(wanted.keys() | self.typed.keys()):
            new, typed = wanted.get(path), self.typed.get(path)
            if new == typed:
                continue
            if new is None:
                remedy = f"Write [remove {path}], or show it after the red run"
                yield TutorialError(
                    f"{self.where}, {path}", "the state has no such file any more", remedy
                )
            elif typed is None:
                remedy = f"Write [include {path}], or [empty {path}]"
                yield TutorialError(
                    f"{self.where}, {path}, line 1", "no listing shows this file", remedy
                )
            else:
                yield self._unshown(path, new, typed)

    def _unshown(self, path: str, new: str, typed: str) -> TutorialError:
        ours, theirs = new.splitlines(), typed.splitlines()
        missing = [n for n in _changed(theirs, ours) if ours[n - 1].strip()]
        left = [n for n in _changed(ours, theirs) if theirs[n - 1].strip()]
        where = f"{self.where}, {path}, line"
        if missing:
            number = missing[0]
            name = name_at(new, number) if path.endswith(".py") else ""
            rule = f"no listing shows this line: `{ours[number - 1].strip()}`"
            remedy = f"Write [include {path}{'#' if name else ''}{name}] in this step"
        elif left:
            number = left[0]
            rule = f"typed along, this line stays: `{theirs[number - 1].strip()}`"
            remedy = f"Write [remove {path}#{name_at(typed, number)}] in this step"
        else:
            number = next(iter(_changed(theirs, ours)), len(ours))
            rule = "typed along, the blank lines here differ"
            remedy = "Show both neighbours in one listing: #first,second"
        return TutorialError(f"{where} {number}", rule, remedy)


def _changed(old: list[str], new: list[str]) -> list[int]:
    """The lines, counted from 1, that the old listing did not have."""
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    changed: list[int] = []
    for tag, _, _, first, last in matcher.get_opcodes():
        if tag in ("insert", "replace"):
            changed.extend(range(first + 1, last + 1))
    return changed


def _nearest(text: str, names: list[str]) -> str:
    """Advice for a name that the file does not have."""
    wanted = {name.partition(".")[0] for name in names if "." in name}
    known: list[str] = []
    for part in parts_of(text):
        inner = parts_of(text, part.name) if part.name in wanted else []
        known += [part.name, *(each.name for each in inner)]
    return f"Name parts that it has, neighbours together: {', '.join(known)}"
