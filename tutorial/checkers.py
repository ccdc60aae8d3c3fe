"""mypy --strict and pyright over many states.

mypy goes over the states one after the other in one folder, so that its cache knows most files;
pyright takes all of them in one process, each with an environment of its own.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from tutorial.book import TOLD, State
from tutorial.errors import TutorialError
from tutorial.runs import Workshop, write

Named = dict[str, State]


def mypy(workshop: Workshop, states: Named) -> Iterator[TutorialError]:
    """What mypy refuses, state by state."""
    for name, state in states.items():
        key = workshop.key("mypy", state)
        if workshop.recall(key) is not None:
            continue
        workshop.ran += 1
        folder = workshop.lay_out("mypy", state)
        packages = sorted({path.partition("/")[0] for path in state} & set(TOLD))
        command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary"]
        options = ["--show-absolute-path", f"--cache-dir={workshop.folder / 'mypy-cache'}"]
        done = _run([*command, *options, *packages], str(folder))
        found = re.findall(r"^(.+?):(\d+): error: (.*)$", done.stdout, flags=re.M)
        for path, line, text in found:
            path = path.removeprefix(f"{folder}/")
            yield _wrong("mypy --strict", f"{name}, {path}, line {line}", text)
        if done.returncode and not found:
            yield _wrong("mypy --strict", name, (done.stdout + done.stderr).strip())
        if not done.returncode:
            workshop.note(key, "")


def pyright(workshop: Workshop, states: Named) -> Iterator[TutorialError]:
    """What pyright refuses, all states at once."""
    rules = _pyright_rules(workshop.root)
    keys = {name: workshop.key("pyright", state, rules) for name, state in states.items()}
    due = {name for name, key in keys.items() if workshop.recall(key) is None}
    if not due:
        return
    workshop.ran += 1
    roots = {name: workshop.lay_out(f"pyright/{name}", states[name]) for name in sorted(due)}
    config = workshop.folder / "pyrightconfig.json"
    include = [f"pyright/{name}" for name in roots]
    environments = [{"root": folder} for folder in include]
    settings = {"include": include, "exclude": [], "executionEnvironments": environments}
    write(config, json.dumps(rules | settings))
    command = [sys.executable, "-m", "pyright", "-p", str(config), "--outputjson"]
    done = _run([*command, "--pythonpath", sys.executable], str(workshop.folder))
    if not done.stdout.startswith("{"):
        yield _wrong("pyright", "all states", (done.stdout + done.stderr).strip())
        return
    for found in json.loads(done.stdout)["generalDiagnostics"]:
        if found["severity"] != "error":
            continue
        for name, root in roots.items():
            if found["file"].startswith(f"{root}/"):
                due.discard(name)
                path = found["file"].removeprefix(f"{root}/")
                line = found["range"]["start"]["line"] + 1
                yield _wrong("pyright", f"{name}, {path}, line {line}", found["message"])
    for name in due:
        workshop.note(keys[name], "")


def _pyright_rules(root: Path) -> dict[str, object]:
    """The rules by which the repository checks itself."""
    file = root / "pyproject.toml"
    project = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    rules: dict[str, object] = project.get("tool", {}).get("pyright", {})
    return {"typeCheckingMode": "strict"} | rules


def _wrong(checker: str, where: str, text: str) -> TutorialError:
    remedy = "Mend the file at the top level, or the step's own form of it"
    return TutorialError(where, f"{checker} refuses it: {text.rstrip('.')}", remedy)


def _run(command: list[str], folder: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
