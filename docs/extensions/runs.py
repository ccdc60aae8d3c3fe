"""The terminals on the pages: run the commands, compare what they print, accept what is new.

    python -m docs.extensions.runs             compares with docs/runs/*.txt
    python -m docs.extensions.runs --accept    writes them

Each run of `docs/runs/runs.toml` has a database of its own. Ids, times and the database's path
are replaced by fixed ones, so that only a change of behaviour changes a page.
"""

import difflib
import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from tutorial.known import kept_environ, known_in, texts
from tutorial.runs import DURATION

ROOT = Path(__file__).resolve().parents[2]
RUNS = ROOT / "docs" / "runs"
BEHIND = ("messagebus", "reading_club", "newsletter", "tests", "docs/examples")
"""The folders whose files make a run what it is."""

UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b")
TIME = re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00|Z)")


class RunError(Exception):
    """A run that no page should show."""


def printed(run: dict[str, list[str]]) -> str:
    """Each command of a run with what it wrote; the run has a database of its own.

    Raises `RunError` where one of the commands before the run fails, or one prints a traceback.
    """
    with tempfile.TemporaryDirectory() as folder:
        database = f"sqlite:///{folder}/shelf.db"
        environment = kept_environ() | {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "PYTHONPYCACHEPREFIX": str(ROOT / ".tutorial" / "bytecode"),
            "PYTEST_ADDOPTS": "-p no:cacheprovider",
            "READING_CLUB_DATABASE_URL": database,
            "COLUMNS": "88",
            "TERM": "dumb",
            "NO_COLOR": "1",
        }
        script = "".join(f"{each} >/dev/null || exit 1\n" for each in run.get("before", []))
        script += "".join(f"printf '%s\\n' {_quoted('$ ' + c)}\n{c}\n" for c in run["commands"])
        script += "exit 0\n"
        done = subprocess.run(
            ["sh", "-c", script],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
    if done.returncode or "Traceback (most recent call last)" in done.stdout:
        raise RunError(f"the run breaks down; a page shows runs that work: mend it.\n{done.stdout}")
    text = fixed(done.stdout).replace(database, "sqlite:///reading-club.db")
    return text.replace(f"{folder}/shelf.db", "reading-club.db")


def remembered(run: dict[str, list[str]], shown: str) -> str:
    """What the run prints, run only where something behind it is new or it was not as shown."""
    files = [file for folder in BEHIND for file in sorted((ROOT / folder).rglob("*.*"))]
    code = [file for file in files if file.suffix in (".py", ".csv")]
    known = known_in(ROOT)
    names = [str(file.relative_to(ROOT)) for file in code]
    configured = [Path(__file__), ROOT / "pyproject.toml"]
    key = known.key("run", run, names, texts([*code, *configured]))
    text = known.recall(key)
    if text is None:
        text = printed(run)
        if text == shown:
            known.note(key, text)
    return text


def fixed(text: str) -> str:
    """The text with fixed ids and times, the same id wherever one stands, and no durations."""
    known: dict[str, str] = {}
    for found in UUID.findall(text):
        known.setdefault(found, f"019aaf4e-6b40-7000-8000-{len(known) + 1:012x}")
    text = UUID.sub(lambda match: known[match[0]], text)
    text = TIME.sub("2026-11-23T09:30:00.000000+00:00", text)
    text = DURATION.sub("", text)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


def defined(runs: Path = RUNS) -> dict[str, dict[str, list[str]]]:
    """The runs of `runs.toml` by their names."""
    return tomllib.loads((runs / "runs.toml").read_text("utf-8"))


def main(arguments: list[str], runs: Path = RUNS) -> int:
    """Compare or accept every run; 1 if one breaks down or prints what is not committed."""
    accept = "--accept" in arguments
    changed = 0
    for name, run in defined(runs).items():
        file = runs / f"{name}.txt"
        old = file.read_text("utf-8") if file.exists() else ""
        try:
            new = printed(run)
        except RunError as error:
            changed = 1
            print(f"docs/runs/runs.toml, {name}: {error}")
            continue
        if old == new:
            continue
        if accept:
            file.write_text(new, encoding="utf-8")
            print(f"docs/runs/{name}.txt accepted")
            continue
        changed = 1
        print(f"docs/runs/{name}.txt: the run prints something else; a page shows what runs.")
        print("Read the difference, then run python -m docs.extensions.runs --accept:")
        print("\n".join(difflib.unified_diff(old.split("\n"), new.split("\n"), lineterm="")))
    return changed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
