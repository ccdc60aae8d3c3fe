"""Run pytest in a state; remember what happened for as long as nothing changes."""

import atexit
import json
import re
import shlex
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from queue import Empty, SimpleQueue

from pydantic import BaseModel

from tutorial.book import Book, State
from tutorial.known import kept_environ, known_in, texts

INSIDE = Path(__file__).with_name("inside.py")
RUNNERS = (INSIDE, Path(__file__))
ENVIRON = {
    "COLUMNS": "64",
    "NO_COLOR": "1",
    "PY_COLORS": "0",
    "PYTHONHASHSEED": "0",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
}
ONE_PYTHON = (3, 11)
"""Outputs are compared on this Python: others print other carets and hints."""

DURATION = re.compile(r" in \d+\.\d+s\b( \(\d+:\d+:\d+\))?")
"""How long pytest says that it took; from a minute on, in two forms."""

IDLE: SimpleQueue[subprocess.Popen[str]] = SimpleQueue()
"""Processes that wait for a run of pytest; each was started because all others had one."""


class Failure(BaseModel):
    """A test that did not pass, and the exception that ended it."""

    test: str
    type: str
    message: str


class Outcome(BaseModel):
    """What a run of pytest did, and what a reader would have seen."""

    code: int
    failures: list[Failure]
    skipped: int
    """Tests for which this machine has no service, such as PostgreSQL."""

    strangers: list[str]
    arrows: list[str]
    called: list[str]
    output: str = ""


class Workshop:
    """The untracked folder in which states are laid out, and what is known of them."""

    def __init__(self, book: Book, remember: bool = True) -> None:
        self.root = book.root
        self.folder = book.root / ".tutorial"
        self.known = known_in(book.root, remember)
        self.ran = 0

    def lay_out(self, name: str, state: State) -> Path:
        """The state as files; what already stands there is left as it is."""
        folder = self.folder / name
        folder.mkdir(parents=True, exist_ok=True)
        for file in sorted(folder.rglob("*"), reverse=True):
            if file.is_dir() and not any(file.iterdir()):
                file.rmdir()
            elif file.is_file() and file.relative_to(folder).as_posix() not in state:
                file.unlink()
        for path, text in state.items():
            write(folder / path, text)
        return folder

    def pytest(
        self, name: str, state: State, arguments: str, calls: Mapping[str, str] | None = None
    ) -> Outcome:
        """The outcome of `pytest ARGUMENTS` in that state."""
        key = self.known.key("pytest", state, arguments, calls, texts(RUNNERS))
        if known := self.known.recall(key):
            return Outcome.model_validate_json(known)
        self.ran += 1
        outcome = run_pytest(self.lay_out(name, state), arguments, calls or {})
        if not outcome.skipped:
            self.known.note(key, outcome.model_dump_json())
        return outcome


def run_pytest(folder: Path, arguments: str, calls: Mapping[str, str]) -> Outcome:
    """Run it in that folder, away from the repository, and clean what it printed."""
    with tempfile.TemporaryDirectory() as scratch:
        report, out, err = (Path(scratch, name) for name in ("report.json", "out", "err"))
        files = {"report": str(report), "out": str(out), "err": str(err)}
        options = [*shlex.split(arguments), f"--basetemp={scratch}/tmp"]
        ended = _ask({"folder": str(folder), "arguments": options, "calls": {**calls}, **files})
        stdout, stderr = out.read_text("utf-8"), err.read_text("utf-8")
        if not report.is_file():
            how = "took too long" if ended == -signal.SIGALRM else "broke down"
            raise RuntimeError(f"pytest {arguments} in {folder} {how}:\n{stdout}{stderr}")
        outcome = Outcome.model_validate_json(report.read_text("utf-8"))
    printed = normal(stdout.strip() or stderr, folder)
    if not outcome.failures:
        outcome.failures.extend(_conftest_failure(printed))
    return outcome.model_copy(update={"output": f"$ pytest {arguments}\n{printed}"})


def _ask(request: Mapping[str, object]) -> int | None:
    """Have an idle process run it, or a new one; wait for the end, and give the code of it."""
    try:
        inside = IDLE.get_nowait()
    except Empty:
        inside = _inside()
    assert inside.stdin
    assert inside.stdout
    print(json.dumps(request), file=inside.stdin, flush=True)
    if answer := inside.stdout.readline():
        IDLE.put(inside)
    return int(answer) if answer else None


def _inside() -> subprocess.Popen[str]:
    command = [sys.executable, "-P", "-s", "-B", str(INSIDE)]
    pipe = subprocess.PIPE
    inside = subprocess.Popen(
        command, env=kept_environ() | ENVIRON, stdin=pipe, stdout=pipe, text=True
    )
    atexit.register(inside.communicate)
    return inside


def normal(text: str, folder: Path) -> str:
    """Without what differs from run to run, or from machine to machine."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", text)
    text = text.replace(f"{folder}/", "").replace(str(folder), ".")
    text = re.sub(r" +\[ *\d+%\]$", "", text, flags=re.M)
    text = DURATION.sub("", text)
    text = re.sub(r"\bat 0x[0-9a-f]+", "at 0x…", text)
    text = re.sub(r"^(?:\.\.)?/\S+:\d+: in \S+\n(?: {4}.*\n)*(?: +\^+\n)?", "", text, flags=re.M)
    noise = r"^(Hint: make sure|ImportError while importing|Traceback:).*\n"
    text = re.sub(noise, "", text, flags=re.M)
    text = re.sub(r"(?<![\w.])(?:\.\.)?/(?:[\w.@+-]+/)+(?=[\w.-]+\.py)", "…/", text)
    return "\n".join(line.rstrip() for line in text.strip().splitlines()) + "\n"


def write(file: Path, text: str) -> None:
    """Write the file where its text is another one."""
    if file.is_file() and file.read_text(encoding="utf-8") == text:
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


def _conftest_failure(printed: str) -> list[Failure]:
    found = re.findall(r"^E +(\w+(?:Error|Exception|Exit)): (.*)$", printed, flags=re.M)
    return [Failure(test="conftest.py", type=kind, message=says) for kind, says in found[-1:]]
