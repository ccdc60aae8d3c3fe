"""An output keeps its text and gets pytest's colours: the same ones as pytest's own codes."""

import os
import pty
import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

from tutorial.colours import coloured
from tutorial.known import kept_environ
from tutorial.runs import normal

SPAN = re.compile(r'<span class="(?P<classes>[^"]*)">(?P<marked>[^<]*)</span>|(?P<plain>[^<]+)')
CODE = re.compile(r"\x1b\[(?P<codes>[\d;]*)m|(?P<text>[^\x1b]+)")
COLOURS = {"31": "bad", "32": "good", "33": "warn", "36": "info"}
NO_CLASSES: frozenset[str] = frozenset()
Painted = list[tuple[str, frozenset[str]]]
"""Each character with its classes."""

SAMPLE = """
import warnings

import pytest


@pytest.fixture
def broken():
    raise RuntimeError("no shelf")


def helper(copies):
    assert copies == 2, "not two"


def test_passes():
    pass


def test_fails():
    print("FAILED to say\\\\n...\\\\n")
    assert [1, 2] == [1, 3]


def test_fails_below():
    helper(1)


def test_fails_because():
    try:
        helper(1)
    except AssertionError as error:
        raise ValueError("a long\\\\nstory") from error


def test_fails_meanwhile():
    try:
        helper(1)
    except AssertionError:
        int("two")


def test_of_which_the_name_is_longer_than_the_headline_has_room_for():
    helper(3)


def test_errs(broken):
    pass


@pytest.mark.skip(reason="no reason")
def test_skips():
    pass


@pytest.mark.xfail
def test_fails_as_expected():
    assert False


@pytest.mark.xfail
def test_passes_unexpectedly():
    pass


def test_warns():
    warnings.warn("old")


class TestParts:
    @pytest.mark.parametrize("name", ["a b", "c::d"])
    def test_named(self, name):
        assert name == "a b"
"""
FILES = {
    "test_sample.py": SAMPLE.replace("\\\\n", "\\n"),
    "test_good.py": "def test_one(): pass\n\n\ndef test_two(): pass\n",
    "test_no_module.py": "import nothing_of_that_name\n",
    "test_no_syntax.py": "def test(:\n",
    "test_no_name.py": "x = undefined\n",
    "conftest/conftest.py": "import nothing_of_that_name\n",
}
RUNS = [
    "-q --tb=short test_sample.py",
    "-q test_sample.py",
    "-q --tb=line test_sample.py",
    "-q --tb=no -rA test_sample.py",
    "-q -x --tb=short test_sample.py",
    "-q test_good.py",
    "-q -k one test_good.py",
    "-q -k none test_good.py",
    "-q test_sample.py -k skips",
    "-q test_sample.py -k passes",
    "-q test_sample.py -k warns",
    "-q test_sample.py::test_fails_as_expected",
    "-q test_no_module.py test_good.py",
    "-q --tb=short test_no_name.py test_no_module.py test_no_syntax.py",
    "-q --tb=short conftest",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("colours")
    (made / "conftest").mkdir()
    (made / "pytest.ini").write_text("[pytest]\n")
    for name, text in FILES.items():
        (made / name).write_text(text)
    return made


@pytest.mark.parametrize("arguments", RUNS)
def test_an_output_is_painted_as_pytest_paints_it(folder: Path, arguments: str) -> None:
    printed = with_codes(folder, arguments)
    lines = normal(printed, folder).splitlines()
    painted = by_spans(coloured([f"$ pytest {arguments}", *lines]))[1:]
    coded = iter(by_codes(printed.replace(f"{folder}/", "")))
    for line in filter(None, painted):
        wanted = next(each for each in coded if letters(each).startswith(letters(line)))
        assert line == wanted[: len(line)]


def with_codes(folder: Path, arguments: str) -> str:
    """What pytest prints on a terminal, its highlighting of source apart."""
    options = ["-p", "no:cacheprovider", "--code-highlight=no", *arguments.split()]
    settings = {"COLUMNS": "64", "TERM": "xterm", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    ours, terminal = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-m", "pytest", *options],
        cwd=folder,
        env=kept_environ() | settings,
        stdout=terminal,
        stderr=terminal,
    ):
        os.close(terminal)
        printed = b"".join(iter(lambda: read(ours), b""))
    os.close(ours)
    return re.sub(r"\bat 0x[0-9a-f]+", "at 0x…", printed.decode().replace("\r\n", "\n"))


def read(terminal: int) -> bytes:
    """What was printed there; nothing once nobody prints any more."""
    try:
        return os.read(terminal, 4096)
    except OSError:
        return b""


def by_codes(printed: str) -> list[Painted]:
    lines: list[Painted] = [[]]
    classes = NO_CLASSES
    for piece in CODE.finditer(printed):
        if piece["text"] is None:
            classes = after(classes, piece["codes"])
        for character in piece["text"] or "":
            if character == "\n":
                lines.append([])
            else:
                lines[-1].append((character, classes))
    return lines


def after(classes: frozenset[str], code: str) -> frozenset[str]:
    """A code of zero ends all; one colour replaces another, and bold goes with each."""
    if code == "0":
        return NO_CLASSES
    return classes | {"bold"} if code == "1" else classes & {"bold"} | {COLOURS[code]}


def by_spans(html: str) -> list[Painted]:
    return [
        [
            (character, frozenset((span["classes"] or "").split()))
            for span in SPAN.finditer(line)
            for character in unescape(span["marked"] or span["plain"])
        ]
        for line in html.split("\n")
    ]


def letters(line: Painted) -> str:
    return "".join(character for character, _ in line)


@pytest.mark.parametrize(
    ("line", "marked"),
    [
        (".F.", '<span class="good">.</span><span class="bad">F</span><span class="good">.</span>'),
        ("E   assert [] == [1]", '<span class="bad bold">E   assert [] == [1]</span>'),
        ("tests/a.py:7: in test", '<span class="bad bold">tests/a.py</span>:7: in test'),
        ("…/default.py:7: in run", '<span class="bad bold">…/default.py</span>:7: in run'),
        ("3 passed", '<span class="good bold">3 passed</span>'),
        ("    return a < b", "    return a &lt; b"),
        ("$ pytest -q", '<span class="gp">$</span> pytest -q'),
    ],
)
def test_a_line_has_its_colour_and_its_text(line: str, marked: str) -> None:
    assert coloured([line]) == marked
    assert unescape(re.sub(r"<[^>]+>", "", coloured([line]))) == line
