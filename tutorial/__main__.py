"""The tutorial's commands: python -m tutorial COMMAND.

check                 pages, copies and the list of what is untold; shows the report
states [--all]        run every state that changed, or all of them
accept                take the told files as they are; write the outputs beside their steps
accept --renamed      write only outputs that differ by renamed words
rename OLD NEW        rename a path or a symbol, in every form of every file
freeze PATH           keep the committed form of a file in the step that shows it
carry CHAPTER/STEP PATH   take an edit of an early form to the later ones
start N FOLDER        the state after chapter N, or after step 3 of it: N.3, as a project of its own
history FOLDER        a git history, a commit for each step and a tag for each chapter
replay SITE           type the tutorial along from the built HTML alone
publish SITE          put each chapter as Markdown, and llms.txt, beside the built pages
"""

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from tutorial import projects, published, replay, told, versions
from tutorial.book import ROOT, Book
from tutorial.errors import TutorialError
from tutorial.renaming import outputs
from tutorial.runs import Workshop
from tutorial.states import done, runs, types


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Obey one command; 1 where something is wrong."""
    options = _parser().parse_args(arguments)
    began = time.monotonic()
    try:
        wrong = _obey(options, Book(root))
    except TutorialError as error:
        wrong = [error]
    for one in wrong:
        print(f"- {one}", file=sys.stderr)
    verdict = f"{len(wrong)} wrong" if wrong else "all right"
    print(f"tutorial {options.command}: {verdict}, {time.monotonic() - began:.1f} s")
    return 1 if wrong else 0


def _obey(options: argparse.Namespace, book: Book) -> list[TutorialError]:
    if book.missing and options.command != "freeze":
        return book.missing
    match options.command:
        case "check":
            print("\n".join(told.report(book)))
            return told.check(book)
        case "states":
            workshop = Workshop(book, remember=not options.all)
            return done([*types(workshop, book), *runs(workshop, book, each_step=options.all)])
        case "accept" if options.renamed:
            words = outputs.by_words(outputs.noted(book.root))
            wrong = done(runs(Workshop(book), book, accept=words))
            if not wrong:
                outputs.forget(book.root)
            return wrong
        case "accept":
            told.accept(book)
            return done(runs(Workshop(book), book, accept=lambda known, text: True))
        case "rename":
            from tutorial.renaming.command import rename

            print(
                "\n".join(
                    rename(book, options.old, options.new, options.within, options.all).lines()
                )
            )
        case "freeze":
            print(versions.freeze(book, options.path))
        case "carry":
            return versions.carry(book, options.step, options.path)
        case "start":
            print(projects.start(book, options.chapter, options.folder))
        case "history":
            print(projects.history(book, options.folder))
        case "publish":
            print(published.publish(book, options.site))
        case _:
            return replay.replay(book, options.site)
    return []


def _parser() -> argparse.ArgumentParser:
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser("tutorial", description=__doc__, formatter_class=shape)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("check")
    commands.add_parser("states").add_argument("--all", action="store_true")
    commands.add_parser("accept").add_argument("--renamed", action="store_true")
    rename = commands.add_parser("rename")
    rename.add_argument("old", metavar="OLD")
    rename.add_argument("new", metavar="NEW")
    rename.add_argument("--in", dest="within", action="append", default=[], metavar="PATH")
    rename.add_argument("--all", action="store_true", help="instances of unknown classes, too")
    commands.add_parser("freeze").add_argument("path")
    carry = commands.add_parser("carry")
    carry.add_argument("step")
    carry.add_argument("path")
    start = commands.add_parser("start")
    start.add_argument("chapter")
    start.add_argument("folder", type=Path)
    commands.add_parser("history").add_argument("folder", type=Path)
    commands.add_parser("publish").add_argument("site", type=Path)
    commands.add_parser("replay").add_argument("site", type=Path)
    return parser


if __name__ == "__main__":
    sys.exit(main())
