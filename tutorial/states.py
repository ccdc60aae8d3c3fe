"""Every state runs: red as expected, green, types, answers, recorded outputs and diagrams."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from tutorial import checkers
from tutorial.book import Book, Exercise, Red, Stage, files_in
from tutorial.errors import TutorialError
from tutorial.runs import ONE_PYTHON, Outcome, Workshop, write

Job = Callable[[], list[TutorialError]]
Accept = Callable[[str, str], bool]
"""Whether a new output may take the place of the committed one."""


def done(jobs: Iterable[Job]) -> list[TutorialError]:
    """What is wrong after these jobs, in their order."""
    with ThreadPoolExecutor(max_workers=2) as pool:
        return [wrong for found in pool.map(_done, jobs) for wrong in found]


def types(workshop: Workshop, book: Book) -> list[Job]:
    """The type checkers, over each green state and each answer."""
    checks = (checkers.pyright, checkers.mypy)
    return [partial(_listed, checker, workshop, book) for checker in checks]


def runs(
    workshop: Workshop, book: Book, accept: Accept | None = None, each_step: bool = False
) -> list[Job]:
    """The red and green runs, the diagrams, the answers, whole suites, the finished bus.

    All tests of a state run at the end of each chapter, and with `each_step` after every step.
    """
    jobs: list[Job] = [partial(_stage, workshop, stage, accept) for stage in book.stages]
    for chapter in book.chapters:
        stage = book.last(chapter)
        suites = book.stages_of(chapter) if each_step else [stage]
        jobs.append(partial(_whole_suites, workshop, suites))
        jobs += [partial(_answer, workshop, book, stage, each) for each in chapter.exercises]
        jobs.append(partial(_on_the_finished_bus, workshop, book, stage))
    return jobs


def _done(job: Job) -> list[TutorialError]:
    return job()


def _listed(
    checker: Callable[[Workshop, checkers.Named], Iterator[TutorialError]],
    workshop: Workshop,
    book: Book,
) -> list[TutorialError]:
    states: checkers.Named = {}
    for chapter in book.chapters:
        states |= {stage.name: stage.after for stage in book.stages_of(chapter)}
        for exercise in chapter.exercises:
            answer = book.answer(chapter, exercise)
            states[f"{chapter.name}/{exercise.slug}"] = book.last(chapter).after | answer
    return list(checker(workshop, states))


def _stage(workshop: Workshop, stage: Stage, accept: Accept | None) -> list[TutorialError]:
    wrong: list[TutorialError] = []
    outputs: dict[str, str] = {}
    skipped = 0
    if red := stage.step.red:
        outcome = workshop.pytest(f"red/{stage.name}", stage.red, red.run)
        outputs["red.txt"] = outcome.output
        skipped += outcome.skipped
        wrong += _apart(f"{stage.name}, red run", outcome) or _red(stage, red, outcome)
    folder = f"states/{stage.name}"
    outcome = workshop.pytest(folder, stage.after, stage.step.green)
    outputs["green.txt"] = outcome.output
    skipped += outcome.skipped
    wrong += _apart(stage.name, outcome) or _green(f"{stage.name}, green run", outcome)
    for diagram in stage.step.diagrams:
        outcome = workshop.pytest(folder, stage.after, diagram.run, diagram.calls)
        outputs[f"{diagram.slug}.arrows"] = "".join(f"{arrow}\n" for arrow in outcome.arrows)
        for name, who in diagram.calls.items():
            if name not in outcome.called:
                rule = f"the run no longer calls {name}, drawn as {who}"
                remedy = "Mend `calls` in chapter.toml, or the run"
                wrong.append(TutorialError(f"{stage.name}, diagram {diagram.slug}", rule, remedy))
    return wrong + _outputs(stage, outputs, skipped, None if wrong else accept)


def _red(stage: Stage, red: Red, outcome: Outcome) -> list[TutorialError]:
    where = f"{stage.name}, red run `pytest {red.run}`"
    if outcome.code == 0:
        remedy = "Let the step's tests ask for what the step adds, or take `red` out"
        return [TutorialError(where, "it passes, and the page says that it fails", remedy)]
    if not outcome.failures:
        return [
            TutorialError(where, f"no test failed: {_last(outcome)}", "Name tests that there are")
        ]
    for failure in outcome.failures:
        if failure.type != red.raises or red.says not in failure.message:
            rule = (
                f"{failure.test} fails with {failure.type}: {failure.message.strip()!r},"
                f" expected was {red.raises}: {red.says!r}"
            )
            remedy = "Mend the test, or what chapter.toml expects in `raises` and `says`"
            return [TutorialError(where, rule, remedy)]
    return []


def _green(where: str, outcome: Outcome) -> list[TutorialError]:
    if outcome.code == 0:
        return []
    first = next((f"{f.test}: {f.type}: {f.message}" for f in outcome.failures), _last(outcome))
    remedy = "Mend it at the top level, or freeze the form that this step shows"
    return [TutorialError(where, f"it fails: {first.strip()}", remedy)]


def _apart(where: str, outcome: Outcome) -> list[TutorialError]:
    if not outcome.strangers:
        return []
    rule = f"the state sees packages from outside of it: {', '.join(outcome.strangers)}"
    remedy = "Run in an environment without this project, and let no test reach out of its folder"
    return [TutorialError(where, rule, remedy)]


def _whole_suites(workshop: Workshop, stages: list[Stage]) -> list[TutorialError]:
    """All tests after each of these steps: only those fail that a later red run announces."""
    wrong: list[TutorialError] = []
    announced: set[str] = set()
    for stage in reversed(stages):
        outcome = workshop.pytest(f"whole/{stage.name}", stage.after, "-q")
        where = f"{stage.name}, all tests"
        wrong += _apart(where, outcome)
        failed = {failure.test for failure in outcome.failures}
        if not failed or failed - announced:
            fresh = [each for each in outcome.failures if each.test not in announced]
            wrong += _green(where, outcome.model_copy(update={"failures": fresh}))
        if stage.step.red and stage is not stages[0]:
            red = workshop.pytest(f"red/{stage.name}", stage.red, stage.step.red.run)
            announced |= {failure.test for failure in red.failures}
    return wrong


def _outputs(
    stage: Stage, outputs: dict[str, str], skipped: int, accept: Accept | None
) -> list[TutorialError]:
    """What differs from the committed outputs, which are those of a machine that skips nothing."""
    if sys.version_info[:2] != ONE_PYTHON:
        return []
    if skipped and (accept or os.environ.get("MESSAGEBUS_REQUIRE_ALL")):
        rule = f"{skipped} tests were skipped, and an output is of a run that skips none"
        return [TutorialError(stage.name, rule, "Start PostgreSQL, or set TEST_POSTGRESQL_URL")]
    if skipped:
        return []
    wrong: list[TutorialError] = []
    for name, text in outputs.items():
        file = stage.folder / name
        known = file.read_text(encoding="utf-8") if file.is_file() else ""
        if accept and accept(known, text):
            write(file, text)
        elif known != text:
            remedy = "Read it, then run python -m tutorial accept"
            rule = f"the output changed: {_first_difference(known, text)}"
            wrong.append(TutorialError(f"{stage.name}/{name}", rule, remedy))
    return wrong


def _answer(
    workshop: Workshop, book: Book, stage: Stage, exercise: Exercise
) -> list[TutorialError]:
    state = stage.after | book.answer(stage.chapter, exercise)
    name = f"{stage.chapter.name}/{exercise.slug}"
    outcome = workshop.pytest(f"states/{name}", state, exercise.green)
    where = f"{stage.chapter.name}, exercise {exercise.slug}"
    return _apart(where, outcome) or _green(where, outcome)


def _on_the_finished_bus(workshop: Workshop, book: Book, stage: Stage) -> list[TutorialError]:
    """The chapter's club, on the repository's own `messagebus`."""
    if stage.chapter.own_bus:
        return []
    club = {p: t for p, t in stage.after.items() if not p.startswith(("messagebus/", BUS_TESTS))}
    bus = {f"messagebus/{p}": t for p, t in files_in(book.root / "messagebus").items()}
    outcome = workshop.pytest(f"finished/{stage.chapter.name}", club | bus, "-q")
    where = f"{stage.chapter.name}, on the finished messagebus"
    found = _apart(where, outcome) or _green(where, outcome)
    remedy = "Mend the club, or say why in the chapter's `own_bus`"
    return [TutorialError(wrong.where, wrong.rule, remedy) for wrong in found]


BUS_TESTS = "tests/messagebus/"


def _first_difference(known: str, text: str) -> str:
    old, new = known.splitlines(), text.splitlines()
    for number, (was, now) in enumerate(zip(old, new, strict=False), start=1):
        if was != now:
            return f"line {number} was {was!r}, now {now!r}"
    return f"it had {len(old)} lines and has {len(new)} now"


def _last(outcome: Outcome) -> str:
    return next(iter(outcome.output.strip().splitlines()[::-1]), "no output")
