"""What the runs of the states refuse."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tutorial.book import ROOT
from tutorial.reach import digests
from tutorial.runs import ONE_PYTHON, Workshop, run_pytest
from tutorial.states import done, runs, types
from tutorial.tests.conftest import Shelf

one_python = pytest.mark.skipif(
    sys.version_info[:2] != ONE_PYTHON, reason="outputs are compared on one Python"
)
FIRST = "tutorial/chapters/01-shelf/chapter.toml"
COUNT = '[steps.red]\nrun = "-q --tb=line"\nraises = "TypeError"'
SECOND = "tutorial/chapters/02-bus/chapter.toml"


def test_unchanged_states_are_not_run_again(shelf: Shelf) -> None:
    assert shelf.run() == []
    book = shelf.book()
    workshop = Workshop(book)
    assert done(runs(workshop, book)) == []
    assert workshop.ran == 0


def test_all_states_are_run_again_on_demand(shelf: Shelf) -> None:
    book = shelf.book()
    workshop = Workshop(book, remember=False)
    assert done(runs(workshop, book)[:1]) == []
    assert workshop.ran == 2


@pytest.mark.parametrize(
    ("end", "message"), [("SIGALRM", "took too long"), ("SIGSEGV", "broke down")]
)
def test_a_run_that_comes_to_no_end_is_told_by_how_it_ended(
    tmp_path: Path, end: str, message: str
) -> None:
    test = f"import os, signal\ndef test(): os.kill(os.getpid(), signal.{end})\n"
    (tmp_path / "test_end.py").write_text(test)
    with pytest.raises(RuntimeError, match=f"pytest -q in .* {message}"):
        run_pytest(tmp_path, "-q", {})
    (tmp_path / "test_end.py").write_text("def test(): ...\n")
    assert run_pytest(tmp_path, "-q", {}).code == 0


def test_a_red_run_that_passes_is_refused(shelf: Shelf) -> None:
    shelf.edit(
        FIRST,
        'run = "-q --tb=line"\nraises = "TypeError"',
        'run = "-q -k stands"\nraises = "TypeError"',
    )
    wrong = shelf.run()[0]
    assert wrong.startswith(
        "01-shelf/count, red run `pytest -q -k stands`: it passes, and the page"
    )
    assert "Let the step's tests ask for what the step adds" in wrong


def test_a_red_run_that_fails_for_another_reason_is_refused(shelf: Shelf) -> None:
    shelf.edit(FIRST, "No module named 'reading_club'", "No module named 'messagebus'")
    wrong = shelf.run()[0]
    assert (
        "tests/test_shelf.py fails with ModuleNotFoundError: \"No module named 'reading_club'\""
        in wrong
    )
    assert "expected was ModuleNotFoundError" in wrong


def test_a_red_run_without_its_test_is_refused(shelf: Shelf) -> None:
    shelf.edit(FIRST, 'run = "-q --tb=line"', 'run = "-q tests/test_gone.py"')
    assert "no test failed: no tests ran. Name tests that there are" in shelf.run()[0]


def test_a_green_run_that_fails_is_refused(shelf: Shelf) -> None:
    shelf.edit("reading_club/shelf.py", "len(self.titles)", "0")
    wrong = shelf.run()[0]
    assert "01-shelf/count, green run: it fails: tests/test_shelf.py::test_a_shelf_counts" in wrong
    assert "AssertionError: assert 0 == 1" in wrong


def test_all_tests_run_at_the_end_of_a_chapter_whatever_its_steps_run(shelf: Shelf) -> None:
    shelf.edit(FIRST, f'green = "-q"\n{COUNT}', f'green = "-q -k stands"\n{COUNT}')
    shelf.edit("reading_club/shelf.py", "len(self.titles)", "0")
    assert [
        each.partition(": AssertionError")[0] for each in shelf.run() if "all tests" in each
    ] == [
        f"{state}, all tests: it fails: tests/test_shelf.py::test_a_shelf_counts_its_books"
        for state in ("01-shelf/count", "02-bus/bus")
    ]


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("test_a_shelf_counts_its_books", []),
        (
            "test_of_no_run",
            ["01-shelf/add, all tests: it fails: tests/test_shelf.py::test_of_no_run"],
        ),
    ],
    ids=["announced", "not announced"],
)
def test_a_step_leaves_red_only_what_a_later_red_run_of_its_chapter_shows(
    shelf: Shelf, name: str, wrong: list[str]
) -> None:
    early = "tutorial/chapters/01-shelf/add/tests/test_shelf.py"
    counts = f"def {name}() -> None:\n    assert len(Shelf()) == 0\n\n\n"
    shelf.edit(early, "def ", f"{counts}def ")
    shelf.edit(FIRST, 'green = "-q"', 'green = "-q -k stands"')
    book = shelf.book()
    found = map(str, done(runs(Workshop(book), book, each_step=True)))
    assert [each.partition(": TypeError")[0] for each in found if "all tests" in each] == wrong


def test_a_state_that_sees_packages_outside_of_it_is_refused(shelf: Shelf) -> None:
    early = "tutorial/chapters/01-shelf/add/tests/test_shelf.py"
    reach = f"import sys\n\nsys.path.append({str(shelf.root)!r})\nimport messagebus.bus\n"
    shelf.edit(early, "from reading_club", f"{reach}\nfrom reading_club")
    found = shelf.run()
    assert (
        "01-shelf/add, red run: the state sees packages from outside of it: messagebus" in found[0]
    )
    assert "01-shelf/add: the state sees packages from outside of it" in found[1]


def test_an_installed_checkout_is_hidden_from_a_state(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("def test_it():\n    import messagebus\n")
    inside = ROOT / "tutorial" / "inside.py"
    start = f"import runpy, sys; sys.path.append({str(ROOT)!r})"
    program = f"{start}; runpy.run_path({str(inside)!r}, run_name='__main__')"
    files = {name: str(tmp_path / name) for name in ("report", "out", "err")}
    request = {"folder": str(tmp_path), "arguments": ["-q", "-p", "no:warnings"], "calls": {}}
    subprocess.run(
        [sys.executable, "-P", "-c", program],
        input=f"{json.dumps(request | files)}\n",
        text=True,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        check=False,
    )
    [failure] = json.loads((tmp_path / "report").read_text())["failures"]
    assert failure["message"] == "No module named 'messagebus'"


@one_python
def test_an_output_that_changed_is_refused_until_it_is_accepted(shelf: Shelf) -> None:
    output = "tutorial/chapters/01-shelf/count/green.txt"
    shelf.edit(output, "2 passed", "3 passed")
    assert shelf.run() == [
        "01-shelf/count/green.txt: the output changed: line 3 was '3 passed', now '2 passed'. "
        "Read it, then run python -m tutorial accept."
    ]
    book = shelf.book()
    assert done(runs(Workshop(book), book, accept=lambda known, text: True)) == []
    assert shelf.run() == []


def test_a_diagram_of_a_run_that_no_longer_happens_is_refused(shelf: Shelf) -> None:
    shelf.edit(SECOND, '"Shelf.add"', '"Shelf.put"')
    assert "diagram arrival: the run no longer calls Shelf.put, drawn as shelf" in shelf.run()[0]


def test_an_answer_runs(shelf: Shelf) -> None:
    shelf.edit("tutorial/chapters/02-bus/unknown/tests/test_unknown.py", "KeyError", "OSError")
    assert "02-bus, exercise unknown: it fails: tests/test_unknown.py" in shelf.run()[0]


def test_a_club_that_fails_on_the_finished_bus_says_why(shelf: Shelf) -> None:
    frozen = shelf.root / "tutorial/chapters/02-bus/bus/messagebus/bus.py"
    frozen.parent.mkdir()
    frozen.write_text((shelf.root / "messagebus/bus.py").read_text())
    shelf.edit("messagebus/bus.py", "def listen", "def subscribe")
    [wrong] = shelf.run()
    assert "02-bus, on the finished messagebus: it fails" in wrong
    shelf.edit(SECOND, "adds =", 'own_bus = "listeners have another name"\nadds =')
    assert shelf.run() == []


def test_both_checkers_refuse_a_wrong_type_in_any_state(shelf: Shelf) -> None:
    early = "tutorial/chapters/01-shelf/add/reading_club/shelf.py"
    shelf.edit(early, "list[str] = []", "list[str] = [1]")
    book = shelf.book()
    found = [str(wrong) for wrong in done(types(Workshop(book), book))]
    assert [wrong.partition(" refuses")[0] for wrong in found] == [
        "01-shelf/add, reading_club/shelf.py, line 8: pyright",
        "01-shelf/add, reading_club/shelf.py, line 8: mypy --strict",
    ]


def test_a_type_error_is_found_in_each_state_that_has_the_file(shelf: Shelf) -> None:
    shelf.edit("reading_club/shelf.py", "list[str] = []", "list[str] = [1]")
    book = shelf.book()
    found = [str(wrong) for wrong in done(types(Workshop(book), book)) if "pyright" in str(wrong)]
    assert [wrong.partition(", reading_club/shelf.py")[0] for wrong in found] == [
        "01-shelf/count",
        "02-bus/bus",
        "02-bus/unknown",
    ]


def test_a_file_is_another_where_what_it_imports_is() -> None:
    state = {
        "club/__init__.py": "",
        "club/desk.py": "from club.shelf import Shelf",
        "club/shelf.py": "class Shelf: ...",
        "club/bell.py": "import time",
    }
    before = digests(state)
    after = digests(state | {"club/shelf.py": "class Shelf: pages = 1"})
    assert {path for path in state if before[path] != after[path]} == {
        "club/desk.py",
        "club/shelf.py",
    }
    assert digests(state | {"club/time.py": "", "readme.md": ""}).items() > before.items()


def test_a_machine_that_skips_a_test_is_not_asked_for_its_output(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MESSAGEBUS_REQUIRE_ALL", raising=False)
    skips = (
        'import pytest\n\n\ndef test_on_a_server() -> None:\n    pytest.skip("there is none")\n\n\n'
    )
    shelf.edit("tests/test_shelf.py", "def ", f"{skips}def ")
    assert shelf.run() == []
    monkeypatch.setenv("MESSAGEBUS_REQUIRE_ALL", "1")
    assert "tests were skipped, and an output is of a run that skips none" in shelf.run()[0]
