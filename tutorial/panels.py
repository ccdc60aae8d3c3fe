"""What a page shows besides its listings: outputs, diffs, trees, maps, whole code.

Nothing here is typed along. Diffs and whole code are folded, so that replay passes over them.
"""

import difflib
import re
from collections.abc import Mapping
from itertools import groupby

from tutorial.book import Book, Chapter, Exercise, Stage, State
from tutorial.colours import coloured
from tutorial.diagram import draw
from tutorial.errors import TutorialError
from tutorial.hours import Work, in_hours
from tutorial.pieces import MAX_LINES

LANGUAGES = {"py": "python", "toml": "toml", "md": "markdown", "sql": "sql", "sh": "bash"}


def fence(lines: list[str], attributes: str) -> list[str]:
    """A fenced block, longer than any fence inside it."""
    ticks = max((len(match[0]) for line in lines if (match := re.match(r"`+", line))), default=0)
    mark = "`" * max(3, ticks + 1)
    return [f"{mark} {{{attributes}}}", *lines, mark]


def folded(title: str, lines: list[str], kind: str = "note") -> list[str]:
    """A panel that a reader opens."""
    return [f'??? {kind} "{title}"', "", *(f"    {line}" if line else "" for line in lines), ""]


def language(path: str) -> str:
    """What the highlighter calls this kind of file."""
    return LANGUAGES.get(path.rpartition(".")[2], "text")


def ranges(numbers: list[int]) -> str:
    """Line numbers as `hl_lines` has them: 1-3 5."""
    made: list[str] = []
    for _, group in groupby(enumerate(numbers), key=lambda pair: pair[1] - pair[0]):
        run = [number for _, number in group]
        made.append(f"{run[0]}-{run[-1]}" if len(run) > 1 else str(run[0]))
    return " ".join(made)


def opened(stage: Stage | None) -> Stage:
    """The step of the page; some directives make no sense without one."""
    if stage is None:
        raise TutorialError("page", "no step is open", "Put [chapter NAME] and [step SLUG] above")
    return stage


def committed(stage: Stage, name: str) -> str:
    """An output that was written beside its step."""
    file = stage.folder / name
    if not file.is_file():
        rule = f"{name} was never recorded"
        raise TutorialError(
            stage.name, rule, "Run python -m tutorial accept, read what it wrote, commit it"
        )
    return file.read_text(encoding="utf-8")


def output(stage: Stage, kind: str) -> list[str]:
    """What the step's red or green run printed."""
    printed = coloured(committed(stage, f"{kind}.txt").splitlines())
    kinds = f"language-console output no-copy tutorial-{kind} highlight"
    head = f'<div class="{kinds}" data-search-exclude="true"><pre><code>'
    return ["", *f"{head}{printed}</code></pre></div>".split("\n"), "", *_if_stuck(stage, kind), ""]


def _if_stuck(stage: Stage, kind: str) -> list[str]:
    """What to compare with the run, and the command that gives the step's files."""
    command = f"`python3 noxfile.py -s start -- {stage.number} my-club`"
    if kind == "red" and stage.step.red:
        compare = f"Compare the exception, `{stage.step.red.raises}`, and its message."
        words = f"{compare} If yours differs, compare your tests with those of {command}."
    else:
        words = f"The state after this step: {command}"
    return [words, '{ .tutorial-stuck data-search-exclude="" }']


def diagram(stage: Stage, slug: str) -> list[str]:
    """A recorded run of the step, drawn."""
    for known in stage.step.diagrams:
        if known.slug == slug:
            drawn = draw(known.title, committed(stage, f"{slug}.arrows").splitlines())
            return ["", '<figure class="tutorial-diagram">', *drawn, "</figure>", ""]
    names = ", ".join(known.slug for known in stage.step.diagrams) or "none"
    raise TutorialError(stage.name, f"the step records no diagram {slug}", f"It has {names}")


def file_diff(stage: Stage, path: str) -> list[str]:
    """What the step changes in one file."""
    if stage.before.get(path) == stage.after.get(path):
        remedy = "Name a file that it writes"
        raise TutorialError(f"{stage.name}, {path}", "the step does not change this file", remedy)
    return folded(f"What changed in {path}", _diff(path, stage.before, stage.after), "abstract")


def tree(book: Book, stage: Stage) -> list[str]:
    """The files of the state, those of this chapter marked."""
    old = book.stages_of(stage.chapter)[0].before
    width = max(map(len, stage.after))
    marks = [_mark(path, stage.after, old) for path in sorted(stage.after)]
    rows = [f"{p:<{width}}  {m}".rstrip() for p, m in zip(sorted(stage.after), marks, strict=True)]
    shown = ranges([number for number, mark in enumerate(marks, 1) if mark])
    return fence(rows, f'.text .no-copy hl_lines="{shown}" data-search-exclude=true')


def answer(book: Book, stage: Stage, slug: str) -> list[str]:
    """The files that answer an exercise, folded."""
    for exercise in stage.chapter.exercises:
        if exercise.slug == slug:
            return _answer(book, stage.chapter, exercise)
    names = ", ".join(exercise.slug for exercise in stage.chapter.exercises) or "none"
    raise TutorialError(
        stage.chapter.name, f"there is no exercise {slug}", f"The chapter has {names}"
    )


def added(book: Book, chapter: Chapter) -> int:
    """How many lines the chapter adds or changes; blank ones take nobody's time."""
    stages = book.stages_of(chapter)
    return sum(
        line.startswith("+") and not line.startswith("+++") and line[1:].strip() != ""
        for path in changed_files(book, chapter)
        for line in _unified(path, stages[0].before, stages[-1].after)
    )


def changed_files(book: Book, chapter: Chapter) -> list[str]:
    """The files that differ between the chapter's first and last state."""
    stages = book.stages_of(chapter)
    old, new = stages[0].before, stages[-1].after
    return [path for path in sorted(old.keys() | new.keys()) if old.get(path) != new.get(path)]


def you_are_here(book: Book, chapter: Chapter, work: Work) -> list[str]:
    """Part, number, minutes, lines added, and a way to each other chapter."""
    stops = [
        f"**{other.number}**"
        if other is chapter
        else f"[{other.number}]({_link(chapter, other)} '{other.title}')"
        for other in book.chapters
    ]
    facts = f"{chapter.part}. Chapter {chapter.number} of {len(book.chapters)}"
    own_bus = " tutorial-own-bus" if chapter.own_bus else ""
    return [
        f'<div class="tutorial-here{own_bus}" markdown>',
        "",
        f"{facts}: {work}. It adds {added(book, chapter)} lines.",
        "",
        " ".join(stops),
        '{ .tutorial-stops data-search-exclude="" }',
        "",
        "</div>",
    ]


def chapter_map(book: Book, folder: str, works: Mapping[str, Work]) -> list[str]:
    """All chapters in their parts; `folder` leads from the page to the chapters' pages."""
    made = ['<div class="tutorial-map" markdown>', ""]
    for part, chapters in groupby(book.chapters, key=lambda chapter: chapter.part):
        made += [f"**{part}**", ""]
        for chapter in chapters:
            link = f"{folder}{chapter.page.rpartition('/')[2]}"
            files = len(changed_files(book, chapter))
            size = f"{works[chapter.name]}; {added(book, chapter)} lines in {files} files"
            made.append(f"{chapter.number}. [{chapter.title}]({link}): {chapter.adds} *{size}*")
        made.append("")
    to_read = in_hours(work.to_read for work in works.values())
    to_build = in_hours(work.to_build for work in works.values())
    made += [f"Together: {to_read} to read, {to_build} to build.", ""]
    return [*made, "</div>"]


def how_to_get(book: Book, chapter: Chapter) -> list[str]:
    """The command that gives this state, and the chapter's diff, folded."""
    stages = book.stages_of(chapter)
    old, new = stages[0].before, stages[-1].after
    made: list[str] = []
    for path in changed_files(book, chapter):
        made += [*_diff(path, old, new), ""]
    command = f"python3 noxfile.py -s start -- {chapter.number} my-club"
    code = f"{chapter.page.rpartition('/')[0]}/code/{chapter.name}.md"
    read = f"Or [read all of it](code/{chapter.name}.md)." if _is_page(book, code) else ""
    return [
        "This chapter's code as a project of its own:",
        "",
        *fence([command], ".bash"),
        "",
        read,
        "",
        *folded("What this chapter changed, file by file", made, "abstract"),
    ]


def whole_code(book: Book, chapter: Chapter) -> list[str]:
    """Every file after the chapter: first their tree, then each under a heading of its own."""
    stages = book.stages_of(chapter)
    old, new = stages[0].before, stages[-1].after
    files = sorted((path for path in new if new[path]), key=lambda path: path.rpartition("/")[::2])
    made = [f"Back to [chapter {chapter.number}](../{chapter.page.rpartition('/')[2]}).", ""]
    made += ['<div class="tutorial-tree" markdown>', ""]
    for folder, paths in groupby(files, key=lambda path: path.rpartition("/")[0]):
        made += [f"`{folder}`" if folder else "In the folder itself", ""]
        for path in paths:
            mark = f" *{_mark(path, new, old)}*" if _mark(path, new, old) else ""
            made.append(f"- [`{path.rpartition('/')[2]}`](#{anchor(path)}){mark}")
        made.append("")
    made += ["</div>", ""]
    for path in files:
        made += [f"## `{path}` {{ #{anchor(path)} }}", ""]
        made += [*fence(new[path].splitlines(), f".{language(path)}"), ""]
    return made


def anchor(path: str) -> str:
    """Where a file stands on the page of the whole code."""
    return re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-")


def jumps(book: Book, chapter: Chapter, path: str, text: str, names: list[str]) -> list[str]:
    """Ways from a listing: to the whole file, and to the reference of what it defines."""
    folder, _, page = chapter.page.rpartition("/")
    code = f"code/{page}"
    ways = (
        [f"[the whole file]({code}#{anchor(path)})"] if _is_page(book, f"{folder}/{code}") else []
    )
    public = _public(book) if path.startswith("messagebus/") else set[str]()
    for name in dict.fromkeys(name.partition(".")[0] for name in names):
        if name in public and re.search(rf"^(class|def) {name}\b", text, re.MULTILINE):
            ways.append(f"[{name}][messagebus.{name}]")
    return ["", '<p class="tutorial-jumps" markdown>', " · ".join(ways), "</p>", ""] if ways else []


def _public(book: Book) -> set[str]:
    init = book.top("messagebus/__init__.py") or ""
    return set(re.findall(r'^    "(\w+)",$', init, re.MULTILINE))


def _answer(book: Book, chapter: Chapter, exercise: Exercise) -> list[str]:
    made: list[str] = []
    for path, text in book.answer(chapter, exercise).items():
        lines = text.splitlines()
        if len(lines) > MAX_LINES:
            rule = f"the answer is longer than {MAX_LINES} lines"
            raise TutorialError(f"{chapter.name}, {exercise.slug}, {path}", rule, "Ask for less")
        made += [*fence(lines, f'.{language(path)} title="{path}"'), ""]
    made += fence([f"$ pytest {exercise.green}"], ".console .output .no-copy")
    return folded("An answer", made, "tip")


def _is_page(book: Book, path: str) -> bool:
    return (book.root / "docs" / path).is_file()


def _link(page: Chapter, other: Chapter) -> str:
    depth = page.page.count("/")
    return "../" * depth + other.page


def _mark(path: str, new: State, old: State) -> str:
    if path not in old:
        return "new"
    return "" if old[path] == new[path] else "changed"


def _diff(path: str, old: State, new: State) -> list[str]:
    title = f"{path} · {'new' if path not in old else 'removed' if path not in new else 'changed'}"
    return fence(
        _unified(path, old, new)[2:], f'.diff .no-copy title="{title}" data-search-exclude=true'
    )


def _unified(path: str, old: State, new: State) -> list[str]:
    before, after = old.get(path, "").splitlines(), new.get(path, "").splitlines()
    return list(difflib.unified_diff(before, after, "before", "after", lineterm=""))
