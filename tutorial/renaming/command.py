"""`tutorial rename OLD NEW`: what is rewritten, in which order, and what is left to the reader."""

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from tutorial import told
from tutorial.book import Book, is_output
from tutorial.renaming import outputs, plan
from tutorial.renaming.identifiers import found_in, replaced
from tutorial.renaming.pages import Pages
from tutorial.renaming.paths import PathRename
from tutorial.renaming.targets import Target, target_of
from tutorial.renaming.tree import Tree, blanked, filled, module_of

Place = tuple[str, int, str]
LEFT = ".tutorial/left.txt"
SORTED = "I,RUF022,RUF023"
"""What Ruff sorts by name: imports, `__all__` and `__slots__`."""


@dataclass
class Report:
    """What was done, and what only a reader can decide."""

    done: list[str] = field(default_factory=list[str])
    left: list[Place] = field(default_factory=list[Place])
    warnings: list[str] = field(default_factory=list[str])

    def lines(self) -> list[str]:
        """What to print: all that was done, and where words are left, by file."""
        files = Counter(path for path, _, _ in self.left)
        shown = [f"  {count:3} {path}" for path, count in files.most_common(15)]
        more = [f"      and {len(files) - 15} more files"] if len(files) > 15 else []
        head = [f"left as it is, {len(self.left)} lines, all in {LEFT}:"] if files else []
        return [*self.done, *(f"! {each}" for each in self.warnings), *head, *shown, *more]


def rename(
    book: Book, old: str, new: str, within: Sequence[str] = (), guess: bool = False
) -> Report:
    """Rename a path, where OLD is one, or else a symbol; then format what changed."""
    tree = Tree(book.root)
    accepted = _accepted(book)
    is_path = "/" in new or any(
        known == old.strip("/") or known.startswith(f"{old.strip('/')}/")
        for path in tree.texts
        for known in (path, tree.state_path(path))
    )
    if is_path:
        report, words = _path(tree, old, new)
    else:
        report, words = _symbol(tree, target_of(tree, old, new, guess), within)
    tree.save()
    changed = [path for path in tree.changed() if path.endswith(".py")]
    _format(tree, changed)
    tree.save()
    changes = tree.changed()
    copies = sum(path.startswith("tutorial/chapters/") for path in changes)
    report.done.append(f"{len(changes)} files changed, {copies} of them in chapters")
    report.warnings += _rewrapped(tree, changed)
    if plan.PLAN in tree.texts:
        new_plan, old_plan = tree.texts[plan.PLAN], tree.before[plan.PLAN]
        lost = plan.unmatched(new_plan, old_plan, tree.texts, tree.before)
        report.warnings += [f"{plan.PLAN} finds no longer in {each}" for each in lost]
    _accept(book, accepted, dict(words))
    outputs.note(book.root, words)
    places = "".join(f"{path}:{number}: {line}\n" for path, number, line in report.left)
    (book.root / LEFT).write_text(places, encoding="utf-8")
    return report


def _path(tree: Tree, old: str, new: str) -> tuple[Report, list[outputs.Word]]:
    change = PathRename(tree, old, new)
    change.follow()
    report = Report([f"{len(change.moves)} files moved"])
    report.left += change.left()
    return report, change.words()


def _symbol(tree: Tree, target: Target, within: Sequence[str]) -> tuple[Report, list[outputs.Word]]:
    report = Report()
    meant: dict[str, set[int]] = {}
    count = guessed = 0
    named = False
    word, fresh = (
        re.compile(rf"(?<!\w){re.escape(each)}(?!\w)") for each in (target.old, target.new)
    )
    for path, text in list(tree.python()):
        if not word.search(text):
            continue
        if within and not tree.state_path(path).startswith(tuple(within)):
            named = True
            continue
        module = module_of(tree.state_path(path))
        try:
            found = found_in(module, text, target)
        except SyntaxError as error:
            report.warnings.append(f"{path} is no Python: {error}")
            continue
        at = found.meant | found.guessed
        if at and fresh.search(text):
            report.warnings.append(f"{path} has a {target.new} already")
        named = named or any(kind in ("name", "attribute") for _, kind in found.left)
        if path == tree.state_path(path):
            lines = text.splitlines()
            for offset, kind in sorted(found.left):
                number = text.count("\n", 0, offset) + 1
                report.left.append((path, number, f"[{kind}] {lines[number - 1].strip()}"))
        count, guessed = count + len(at), guessed + len(found.guessed)
        if at:
            meant[path] = at
            tree.texts[path] = blanked(path, replaced(text, at, target.old, target.new))
    report.done.append(f"{count} identifiers renamed in {len(meant)} files, {guessed} by guess")
    before = {path: filled(path, tree.before[path]) for path in meant}
    report.left += _others(tree, target, not named, within)
    if plan.PLAN in tree.texts:
        text = tree.texts[plan.PLAN]
        tree.texts[plan.PLAN] = plan.renamed(text, target.old, target.new, before, meant)
    return report, [(target.old, target.new)]


def _others(tree: Tree, target: Target, sole: bool, within: Sequence[str]) -> Iterator[Place]:
    pages = Pages(tree, target, sole, within)
    for path, text in list(tree.texts.items()):
        if path.endswith((".py", ".lock")) or target.old not in text:
            continue
        tree.texts[path] = pages.renamed(path, text)
        if not is_output(tree.root / path):
            yield from pages.left(path, tree.texts[path])


def _format(tree: Tree, paths: Iterable[str]) -> None:
    """Format as `nox -s lint` expects it."""
    files = [*paths]
    for command in (["check", "--select", SORTED, "--fix"], ["format"]):
        if files:
            ruff = [sys.executable, "-m", "ruff", *command, "--quiet", "--force-exclude", "--"]
            subprocess.run([*ruff, *files], cwd=tree.root, check=False)
    for path in files:
        tree.reload(path)


def _rewrapped(tree: Tree, paths: Iterable[str]) -> list[str]:
    """Files whose lines the formatter cut otherwise: listings and line numbers may have moved."""
    return [
        f"{path} has {after - before:+} lines, by its new width"
        for path in paths
        if (before := tree.before[path].count("\n")) != (after := tree.texts[path].count("\n"))
    ]


def _accepted(book: Book) -> set[str]:
    """The told files that somebody has accepted as they are."""
    return set() if book.missing else told.accepted(book)


def _accept(book: Book, accepted: set[str], moved: dict[str, str]) -> None:
    """Accept under the new name what was accepted under the old one, and nothing else."""
    again = Book(book.root)
    if (book.root / told.ACCEPTED).is_file() and not again.missing:
        told.accept(again, accepted | {_moved(path, moved) for path in accepted})


def _moved(path: str, moved: dict[str, str]) -> str:
    for old, new in moved.items():
        if path == old or path.startswith(f"{old}/"):
            return new + path.removeprefix(old)
    return path
