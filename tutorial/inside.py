"""Run pytest inside states, apart from this repository, and say what happened there.

    python -P -s -B inside.py

Reads a request a line, as JSON, and runs each in a process of its own, forked from this one: what
states import beside themselves is imported once. It answers with the code with which the run ended.
`calls` names functions to record, by their qualified names, and the participant that each one is;
`report` receives the outcome as JSON, `out` and `err` what was printed.
"""

import gc
import importlib
import json
import os
import signal
import sys
from collections.abc import Mapping
from importlib.machinery import PathFinder
from pathlib import Path
from types import FrameType, ModuleType
from typing import TypedDict, TypeGuard

import pytest

TOLD = ("messagebus", "reading_club", "tests")
REPOSITORY = Path(__file__).resolve().parent.parent
AHEAD = ("asyncio", "lastuuid", "pydantic", "sqlalchemy.ext.asyncio", "alembic.command", "fastapi")
"""What takes longest to import, of the requirements of states."""

LIMIT = 900
"""Seconds after which a run is stopped: it hangs, for the slowest machine takes a third of that."""


class Request(TypedDict):
    """What to run, where, and where to write what came of it."""

    folder: str
    arguments: list[str]
    calls: dict[str, str]
    report: str
    out: str
    err: str


def hide_the_repository() -> None:
    """Take the ways out by which an installed checkout could be imported."""
    sys.path[:] = [entry for entry in sys.path if Path(entry).resolve() != REPOSITORY]
    sys.meta_path[:] = [
        finder
        for finder in sys.meta_path
        if finder is PathFinder or not any(finder.find_spec(name, None) for name in TOLD)
    ]


def strangers(state: Path) -> list[str]:
    """Modules of the told packages that were imported from somewhere else than the state."""
    found: list[str] = []
    for name, module in sorted(sys.modules.items()):
        file = _file(module)
        if file is None or file.is_relative_to(state):
            continue
        if name.partition(".")[0] in TOLD or any(
            file.is_relative_to(REPOSITORY / folder) for folder in TOLD
        ):
            found.append(name)
    return found


class Failures:
    """Collects each failure's test, exception and message, and counts what was skipped."""

    def __init__(self) -> None:
        self.found: list[dict[str, str]] = []
        self.skipped = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called by pytest for each part of a test."""
        self.skipped += report.skipped

    def pytest_exception_interact(
        self, node: pytest.Item | pytest.Collector, call: pytest.CallInfo[object]
    ) -> None:
        """Called by pytest for each failure, while collecting too."""
        if call.excinfo is None:
            return
        error = call.excinfo.value
        if isinstance(error, pytest.Collector.CollectError) and error.__cause__:
            error = error.__cause__
        kind = type(error)
        self.found.append({"test": node.nodeid, "type": kind.__name__, "message": str(error)})


class Recorder:
    """Notes who calls whom, among the named functions, in the order of the calls.

    A function whose name begins with an underscore is no arrow: what it calls, its participant
    calls.
    """

    def __init__(self, calls: Mapping[str, str]) -> None:
        self.calls = calls
        self.arrows: list[str] = []
        self.called: set[str] = set()
        self.seen: list[FrameType] = []

    def __call__(self, frame: FrameType, event: str, _: object) -> None:
        """Called by Python for each call."""
        if event != "call" or not (callee := self._who(frame)) or _is_test(frame):
            return
        if any(frame is known for known in self.seen) or _is_only_made(frame):
            return
        self.seen.append(frame)
        self.called.add(frame.f_code.co_qualname)
        if frame.f_code.co_name.startswith("_"):
            return
        above = frame.f_back
        while above and not self._who(above):
            above = above.f_back
        caller = self._who(above) if above else "test"
        self.arrows.append(f"{caller} -> {callee}: {_words(frame)}")

    def _who(self, frame: FrameType) -> str:
        if str(frame.f_globals.get("__name__")).partition(".")[0] not in TOLD:
            return ""
        return "test" if _is_test(frame) else self.calls.get(frame.f_code.co_qualname, "")


def _is_test(frame: FrameType) -> bool:
    return frame.f_code.co_name.startswith("test_")


def _is_only_made(frame: FrameType) -> bool:
    """A coroutine before its first step: Python 3.11 reports its making as a call, too."""
    coroutine = bool(frame.f_code.co_flags & 0x80)
    return coroutine and frame.f_lasti < 0


def _words(frame: FrameType) -> str:
    code = frame.f_code
    names = [name for name in code.co_varnames[: code.co_argcount] if name != "self"]
    value = frame.f_locals.get(names[0]) if names else None
    word = ""
    if type(value).__module__.partition(".")[0] in TOLD:
        word = type(value).__name__
    elif _is_envelope(value):
        word = str(value["type"])
    return f"{code.co_name}({word})"


def _is_envelope(value: object) -> TypeGuard[dict[str, object]]:
    return isinstance(value, dict) and "type" in value


def _file(module: ModuleType) -> Path | None:
    file = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", [])), None)
    return Path(file).resolve() if isinstance(file, str) else None


def run(request: Request) -> int:
    """Run, report, and give the code with which pytest ends."""
    os.chdir(request["folder"])
    failures, recorder = Failures(), Recorder(request["calls"])
    if recorder.calls:
        sys.setprofile(recorder)
    options = ["-p", "no:cacheprovider", "-p", "pytest_asyncio.plugin"]
    code = pytest.main([*options, *request["arguments"]], plugins=[failures])
    sys.setprofile(None)
    outcome = {
        "code": int(code),
        "failures": failures.found,
        "skipped": failures.skipped,
        "strangers": strangers(Path.cwd().resolve()),
        "arrows": recorder.arrows,
        "called": sorted(recorder.called),
    }
    Path(request["report"]).write_text(json.dumps(outcome), encoding="utf-8")
    return int(code)


def redirect(request: Request) -> None:
    """Let this process read nothing, and print into the files of the request."""
    write = os.O_WRONLY | os.O_CREAT
    files = [(os.devnull, os.O_RDONLY), (request["out"], write), (request["err"], write)]
    for number, (path, flags) in enumerate(files):
        opened = os.open(path, flags)
        os.dup2(opened, number)
        os.close(opened)


def main() -> int:
    """Run what is asked for until nobody asks any more."""
    hide_the_repository()
    for name in AHEAD:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError:  # a reader of the first chapters has no need of it
            continue
    gc.freeze()
    for line in sys.stdin:
        request: Request = json.loads(line)
        child = os.fork()
        if not child:
            signal.alarm(LIMIT)
            redirect(request)
            return run(request)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
