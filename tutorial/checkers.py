"""mypy --strict and pyright over many states.

mypy goes over the states one after the other in one folder, so that its cache knows most files;
pyright takes all of them in one process, each with an environment of its own, and reads a file once
for all states in which it and all that it imports are the same.
"""

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

from pydantic import TypeAdapter

from tutorial.book import TOLD, State
from tutorial.errors import TutorialError
from tutorial.known import texts
from tutorial.reach import digests
from tutorial.runs import Workshop, write

Named = dict[str, State]
Done = subprocess.CompletedProcess[str]
Found = list[tuple[str, int, str]]
"""Path, line and words of each error in a state."""

FOUND: TypeAdapter[Found] = TypeAdapter(Found)
THIS = Path(__file__)
REACH = THIS.with_name("reach.py")


def mypy(workshop: Workshop, states: Named) -> Iterator[TutorialError]:
    """What mypy refuses, state by state."""
    for name, state in states.items():
        key = workshop.known.key("mypy", state, texts([THIS]))
        fresh = _recalled(workshop, key)
        if fresh is None:
            done, fresh = _mypy(workshop, state)
            if done.returncode and not fresh:
                yield _wrong("mypy --strict", name, (done.stdout + done.stderr).strip())
                continue
            workshop.known.note(key, json.dumps(fresh))
        for path, line, text in fresh:
            yield _wrong("mypy --strict", f"{name}, {path}, line {line}", text)


def pyright(workshop: Workshop, states: Named) -> Iterator[TutorialError]:
    """What pyright refuses, all states that are not known yet at once."""
    rules = _pyright_rules(workshop.root)
    keys = {
        name: workshop.known.key("pyright", state, rules, texts([THIS, REACH]))
        for name, state in states.items()
    }
    found = {name: _recalled(workshop, key) for name, key in keys.items()}
    if due := {name: states[name] for name in sorted(found) if found[name] is None}:
        done, fresh = _pyright(workshop, due, rules)
        if fresh is None:
            yield _wrong("pyright", "all states", (done.stdout + done.stderr).strip())
            return
        for name, errors in fresh.items():
            workshop.known.note(keys[name], json.dumps(errors))
        found |= fresh
    for name, lines in found.items():
        for path, line, text in lines or []:
            yield _wrong("pyright", f"{name}, {path}, line {line}", text)


def _recalled(workshop: Workshop, key: str) -> Found | None:
    known = workshop.known.recall(key)
    return None if known is None else FOUND.validate_json(known)


def _mypy(workshop: Workshop, state: State) -> tuple[Done, Found]:
    workshop.ran += 1
    folder = workshop.lay_out("mypy", state)
    packages = sorted({path.partition("/")[0] for path in state} & set(TOLD))
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary"]
    options = ["--show-absolute-path", f"--cache-dir={workshop.folder / 'mypy-cache'}"]
    done = _run([*command, *options, *packages], str(folder))
    found = re.findall(r"^(.+?):(\d+): error: (.*)$", done.stdout, flags=re.M)
    return done, [(path.removeprefix(f"{folder}/"), int(line), text) for path, line, text in found]


def _pyright(
    workshop: Workshop, due: Named, rules: dict[str, object]
) -> tuple[Done, dict[str, Found] | None]:
    workshop.ran += 1
    for name, state in due.items():
        workshop.lay_out(f"pyright/{name}", state)
    alike = {name: digests(state) for name, state in due.items()}
    first = {
        digest: f"pyright/{name}/{path}"
        for name in reversed(alike)
        for path, digest in alike[name].items()
    }
    config = workshop.folder / "pyrightconfig.json"
    environments = [{"root": f"pyright/{name}"} for name in due]
    include = sorted(first.values())
    settings = {"include": include, "exclude": [], "executionEnvironments": environments}
    write(config, json.dumps(rules | settings))
    command = [sys.executable, "-m", "pyright", "-p", str(config), "--outputjson"]
    done = _run([*command, "--pythonpath", sys.executable], str(workshop.folder))
    if not done.stdout.startswith("{"):
        return done, None
    wrong: dict[str, list[tuple[int, str]]] = {}
    for error in json.loads(done.stdout)["generalDiagnostics"]:
        if error["severity"] == "error":
            file = Path(error["file"]).relative_to(workshop.folder).as_posix()
            line = error["range"]["start"]["line"] + 1
            wrong.setdefault(file, []).append((line, error["message"]))
    return done, {
        name: [
            (path, *each) for path, digest in files.items() for each in wrong.get(first[digest], [])
        ]
        for name, files in alike.items()
    }


def _pyright_rules(root: Path) -> dict[str, object]:
    """The rules by which the repository checks itself."""
    file = root / "pyproject.toml"
    project = tomllib.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    rules: dict[str, object] = project.get("tool", {}).get("pyright", {})
    return {"typeCheckingMode": "strict"} | rules


def _wrong(checker: str, where: str, text: str) -> TutorialError:
    remedy = "Mend the file at the top level, or the step's own form of it"
    return TutorialError(where, f"{checker} refuses it: {text.rstrip('.')}", remedy)


def _run(command: list[str], folder: str) -> Done:
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=600)
