"""What the chapters tell of each file, and what they leave for later."""

import hashlib
import re
import tomllib
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from tutorial import promises
from tutorial.book import TOLD, Book, Chapter, Version, is_output, paths_in
from tutorial.errors import TutorialError
from tutorial.hours import Work, in_hours
from tutorial.markdown import Directives

UNTOLD = "tutorial/untold.toml"
REWRITTEN = "tutorial/rewritten.txt"
"""The told files whose newest form no chapter tells yet: this list loses lines and gains none."""

ALWAYS_TOLD = r"messagebus/([^/]+\.py)?|reading_club/((domain|service)/.*)?"
"""What the chapters tell in the form that the top level has: the core, the domain, its service."""

ACCEPTED = "tutorial/told.lock"
"""A digest of each file at the top level that a chapter shows, as somebody last accepted it."""


def check(book: Book) -> list[TutorialError]:
    """All that can be said without running a state."""
    return book.missing or [
        *_idle(book),
        *_stray(book),
        *_untold(book),
        *_edited(book),
        *promises.check(book),
        *(wrong for page in _pages(book).values() for wrong in page.wrong),
    ]


def report(book: Book) -> list[str]:
    """What each chapter asks of its reader and shows of each told file, then what is untold."""
    rows: list[str] = []
    all_lines = all_shown = 0
    works: list[Work] = []
    pages = _pages(book)
    for chapter in book.chapters:
        typing = pages[chapter.name].typing
        works.append(typing.work)
        rows.append(f"{chapter.number}. {chapter.title}: {typing.work}; {typing.work.share}")
        rows += [f"  ambiguous, so shown with more lines: {listing}" for listing in typing.wide]
        for path, (lines, shown) in typing.counts.items():
            rows.append(f"  {shown:4} of {lines:4} lines of {path}")
            all_lines, all_shown = all_lines + lines, all_shown + shown
    percent = 100 * all_shown // all_lines if all_lines else 100
    to_read = in_hours(work.to_read for work in works)
    to_build = in_hours(work.to_build for work in works)
    rows.append(f"{to_read} to read, {to_build} to build; {sum(works, Work()).share}")
    rows.append(f"{all_shown} of {all_lines} lines shown: {percent} %")
    return [*rows, *(f"untold: {path}: {when}" for path, when in untold(book).items())]


def untold(book: Book) -> dict[str, str]:
    """Each file that is not told as it stands, and when it will be."""
    file = book.root / UNTOLD
    if not file.is_file():
        return {}
    try:
        read = tomllib.loads(file.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise TutorialError(UNTOLD, f"it is not TOML: {error}", "Mend that line") from None
    for path, when in read.items():
        if not isinstance(when, str) or not re.match(r"chapter \d+|never: .", when):
            rule = f"{path} = {when!r} does not say which chapter tells it"
            raise TutorialError(UNTOLD, rule, 'Write "chapter N", "chapter N: why" or "never: why"')
    return {path: str(when) for path, when in read.items()}


def _idle(book: Book) -> Iterator[TutorialError]:
    for path, versions in book.versions.items():
        before: Version | None = None
        for version in versions:
            where = f"{version.stage.name.replace('/', ', step ')}, {path}"
            if version.frozen and path not in book.base and version.text == book.top(path):
                copy = (version.stage.folder / path).relative_to(book.root)
                rule = "the step's copy equals the top level's file"
                yield TutorialError(where, rule, f"Delete {copy}")
            elif before and before.text == version.text and path in version.stage.before:
                rule = f"the step writes the form that step {before.stage.name} wrote"
                yield TutorialError(where, rule, "Take it out of `writes`, and delete a copy of it")
            before = version


def _stray(book: Book) -> Iterator[TutorialError]:
    for chapter in book.chapters:
        folder = book.folder / chapter.name
        known = {step.slug: step.writes for step in chapter.steps}
        known |= {exercise.slug: exercise.writes for exercise in chapter.exercises}
        outputs = {
            s.slug: {"green.txt", *(f"{d.slug}.arrows" for d in s.diagrams)} for s in chapter.steps
        }
        for step in chapter.steps:
            if step.red:
                outputs[step.slug].add("red.txt")
        for file in sorted(folder.glob("*/**/*")):
            slug, _, path = file.relative_to(folder).as_posix().partition("/")
            if not file.is_file() or "__pycache__" in file.parts:
                continue
            kept = path in outputs.get(slug, ()) if is_output(file) else path in known.get(slug, ())
            if not kept:
                where = f"{chapter.name}, step {slug}, {path}"
                yield TutorialError(
                    where, "no step writes this file", "Delete it, or name it in `writes`"
                )


def _untold(book: Book) -> Iterator[TutorialError]:
    listed = untold(book)
    files = {f"{folder}/{path}" for folder in TOLD for path in paths_in(book.root / folder)}
    last = book.stages[-1].after if book.stages else {}
    due = {path for path in files | last.keys() if path not in last or book.top(path) != last[path]}
    for path in sorted(due - book.base.keys()):
        if _listed(path, listed):
            continue
        if path in last:
            tells = book.versions[path][-1].stage.name
            rule = f"step {tells} shows another form than the top level has"
            remedy = f"Tell the new form in a later chapter, or list it in {UNTOLD}"
        else:
            rule = "no chapter tells this file, and nothing says which one will"
            remedy = f'Tell it, or write "{path}" = "chapter N" in {UNTOLD}'
        yield TutorialError(path, rule, remedy)
    rewritten = _rewritten(book)
    for entry in listed:
        where = f"{UNTOLD}, {entry}"
        if not any(_listed(path, [entry]) for path in due):
            rule = "it is told" if entry in last else "there is no such file"
            yield TutorialError(where, rule, "Delete the line")
        elif re.fullmatch(ALWAYS_TOLD, entry):
            rule = "chapters tell the core, the domain and the service layer as they stand"
            yield TutorialError(where, rule, "Carry the change through the chapters that show it")
        elif any(_listed(path, [entry]) and path not in rewritten for path in due & last.keys()):
            rule = "a chapter tells this file, and the list takes new files only"
            remedy = "Carry the change through the chapters, or tell it in a step of its own"
            yield TutorialError(where, rule, remedy)
    for path in sorted(rewritten - (due & last.keys())):
        rule = "it is told, or no longer told by any chapter"
        yield TutorialError(f"{REWRITTEN}, {path}", rule, "Delete the line")


def _rewritten(book: Book) -> set[str]:
    file = book.root / REWRITTEN
    return set(file.read_text(encoding="utf-8").split()) if file.is_file() else set()


def accept(book: Book, only: Collection[str] | None = None) -> None:
    """Take the told files of the top level as they are; with `only`, these, and no other."""
    known, shown = _digests(book), _shown(book)
    rows = {
        path: _digest(text) if only is None or path in only else known.get(path, "unread")
        for path, text in sorted(shown.items())
    }
    lines = [f"{digest}  {path}\n" for path, digest in rows.items()]
    (book.root / ACCEPTED).write_text("".join(lines), encoding="utf-8")


def accepted(book: Book) -> set[str]:
    """The told files that are as somebody accepted them."""
    known = _digests(book)
    return {path for path, text in _shown(book).items() if known.get(path) == _digest(text)}


def _edited(book: Book) -> Iterator[TutorialError]:
    if not (book.root / ACCEPTED).is_file():
        return
    for path in sorted(_shown(book).keys() - accepted(book)):
        stage = book.versions[path][-1].stage
        rule = f"step {stage.name} shows it, and it changed since it was accepted"
        remedy = f"Read docs/{stage.chapter.page}, then run python -m tutorial accept"
        yield TutorialError(path, rule, f"{remedy}, or freeze {path} if it is to stay told so")


def _digests(book: Book) -> dict[str, str]:
    file = book.root / ACCEPTED
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    return {path: digest for digest, path in (line.split("  ", 1) for line in lines)}


def _shown(book: Book) -> dict[str, str]:
    latest = {path: versions[-1] for path, versions in book.versions.items()}
    return {path: version.text for path, version in latest.items() if not version.frozen}


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _listed(path: str, entries: Iterable[str]) -> bool:
    """Whether an entry names the file, or a folder in which it lies."""
    return any(path == e or (e.endswith("/") and path.startswith(e)) for e in entries)


@lru_cache(maxsize=1)
def _pages(book: Book) -> dict[str, Directives]:
    """Each chapter's page, typed along once for `check` and its report."""
    return {chapter.name: _directives(book, chapter) for chapter in book.chapters}


def _directives(book: Book, chapter: Chapter) -> Directives:
    page = book.root / "docs" / chapter.page
    directives = Directives(book, page, listed=False)
    if not page.is_file():
        rule = f"its page docs/{chapter.page} is not there"
        directives.wrong.append(
            TutorialError(chapter.name, rule, "Write it, or name another in `page`")
        )
        return directives
    directives.page(page.read_text(encoding="utf-8").splitlines())
    if directives.typing.chapter is not chapter:
        rule = f"docs/{chapter.page} does not open this chapter"
        remedy = f"Put [chapter {chapter.name}] under its title"
        directives.wrong.append(TutorialError(chapter.name, rule, remedy))
    return directives
