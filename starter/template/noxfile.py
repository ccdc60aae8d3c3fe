"""Everything that must hold, by `nox` or, without nox, by `python3 noxfile.py [-s NAME ...]`.

Run as a script it needs the standard library alone: it makes `.venv` from `requirements.lock`,
where nox is, and hands over. All sessions of the default Python share that `.venv`; it is made
again only when the lock or the project's requirements change.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent
LOCK = ROOT / "requirements.lock"
VENV = ROOT / ".venv"
VENDOR = ROOT / "vendor"
FOUND = ["--find-links", str(VENDOR)] if VENDOR.exists() else []
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))

if os.environ.pop("PYTHONDONTWRITEBYTECODE", None):
    # Many processes import the same modules: compiled once, but not beside the sources.
    os.environ["PYTHONPYCACHEPREFIX"] = str(ROOT / ".nox" / "bytecode")


def environment(folder: Path, python: str) -> Path:
    """The Python of a virtual environment in `folder`, made if it is missing or out of date."""
    parts = [PROJECT["build-system"], PROJECT["project"], PROJECT["dependency-groups"]]
    key = json.dumps([str(ROOT), LOCK.read_text(encoding="utf-8"), parts])
    digest = hashlib.sha256(key.encode()).hexdigest()
    stamp, interpreter = folder / "made-from", folder / "bin" / "python"
    if interpreter.exists() and stamp.exists() and stamp.read_text(encoding="utf-8") == digest:
        return interpreter
    wanted = ["--no-deps", *FOUND, "-r", str(LOCK)]
    checkout = ["--no-deps", "--no-build-isolation", "-e", str(ROOT)]
    as_pip_trusts = os.environ | {"UV_SYSTEM_CERTS": "1"}
    for make, install in _ways(folder, python, interpreter):
        print(f"making {folder.relative_to(ROOT)} from {LOCK.name}", flush=True)
        commands = [*make, [*install, "-q", *wanted], [*install, "-q", *checkout]]
        if all(subprocess.call(each, cwd=ROOT, env=as_pip_trusts) == 0 for each in commands):
            stamp.write_text(digest, encoding="utf-8")
            return interpreter
    sys.exit(f"{folder} could not be made from {LOCK}: see the installer's own message above")


def _ways(
    folder: Path, python: str, interpreter: Path
) -> Iterator[tuple[list[list[str]], list[str]]]:
    """How to make an environment and how to install into it: by uv, in seconds, or else by pip.

    uv is the one on PATH, or the lock's, which pip brings. pip alone comes last: it may know
    an index or a certificate that uv does not.
    """
    venv = [python, "-m", "venv", "--clear", str(folder)]
    pip = [str(interpreter), "-m", "pip", "--disable-pip-version-check", "install"]
    into = ["pip", "install", "--python", str(interpreter)]
    if uv := shutil.which("uv"):
        yield [[uv, "venv", "-q", "--clear", "--python", python, str(folder)]], [uv, *into]
    yield [venv, [*pip, "-q", "-c", str(LOCK), "uv"]], [str(interpreter.with_name("uv")), *into]
    yield [venv], [*pip, "--no-compile"]


def default_environment() -> Path:
    """The Python of `.venv`, which has all that the lock names."""
    return environment(VENV, sys.executable)


if __name__ == "__main__":
    interpreter = str(default_environment())
    os.execv(interpreter, [interpreter, "-m", "nox", "-f", __file__, *sys.argv[1:]])


import nox

nox.needs_version = ">=2025.2"
nox.options.default_venv_backend = "none"
nox.options.error_on_external_run = False
nox.options.sessions = ["tests", "types", "lint", "layers", "contracts"]


def run(session: nox.Session, *command: str, **env: str) -> None:
    """Run a module or script of `.venv`: `command` is what follows `python`."""
    session.run(str(default_environment()), *command, env=env)


@nox.session
def tests(session: nox.Session) -> None:
‹% if sql %›
    """All tests; those that need PostgreSQL are skipped where there is none."""
‹% else %›
    """All tests."""
‹% endif %›
    run(session, "-m", "pytest", *session.posargs)


@nox.session
def demo(session: nox.Session) -> None:
‹% if sql %›
    """What the service does in a fresh database, and what the event stream was told."""
    with tempfile.TemporaryDirectory() as folder:
        service = ["-m", "‹package›", "--database", str(Path(folder) / "demo.db")]
        run(session, *service, "register", "The first")
        run(session, *service, "list")
        run(session, *service, "events")
‹% else %›
    """What the service does in dictionaries, and what the event stream was told."""
    run(session, "-m", "tests.demo")
‹% endif %›


@nox.session
def types(session: nox.Session) -> None:
    """Both type checkers, at once, over the package, its tests and this file."""
    python = str(default_environment())
    checkers = {"mypy": [], "pyright": ["--pythonpath", python]}
    processes = {
        name: subprocess.Popen(
            [python, "-m", name, *options],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for name, options in checkers.items()
    }
    for name, process in processes.items():
        output, _ = process.communicate()
        session.log(f"python -m {name}")
        print(output, end="", flush=True)
    if refused := [name for name, process in processes.items() if process.returncode]:
        session.error(f"refused by {' and '.join(refused)}: the lines are above")


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff's rules and its format."""
    run(session, "-m", "ruff", "check")
    run(session, "-m", "ruff", "format", "--check")


@nox.session
def layers(session: nox.Session) -> None:
    """Imports go one way: the contracts stand in pyproject.toml."""
    run(session, str(default_environment().with_name("lint-imports")), "--no-logo")


@nox.session
def contracts(session: nox.Session) -> None:
    """What is published breaks no consumer; `-- --accept` writes down what is new."""
    check = ["-m", "messagebus.contracts", "contracts", "‹package›.domain.messages"]
    run(session, *check, *session.posargs)


@nox.session
def lock(session: nox.Session) -> None:
    """Renew requirements.lock with uv: the newest of everything that pyproject.toml allows."""
    compile_ = ["-m", "uv", "pip", "compile", "--universal", "--python-version", "3.11"]
    what = ["--group", "dev", "--no-annotate", "--no-header", "-q", *FOUND]
    made = ["-o", LOCK.name, "pyproject.toml"]
    run(session, *compile_, "--upgrade", *what, *made, UV_SYSTEM_CERTS="1")
