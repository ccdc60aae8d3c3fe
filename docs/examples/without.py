"""Leave a part out of a copy of the club, and see what still holds.

without.py http: no HTTP.
without.py sql: no database, and no door that opens one.
"""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from starter.derive import without

ROOT = Path(__file__).resolve().parents[2]
DOORS = "reading_club/entrypoints"
LINT = "from importlinter import cli; cli.lint_imports_command()"

FOLDERS = {
    "http": [
        f"{DOORS}/http",
        f"{DOORS}/commands/serving.py",
        "tests/http",
    ],
    "sql": [
        "reading_club/adapters",
        "reading_club/migrations",
        "reading_club/bootstrap.py",
        "reading_club/entrypoints",
        "reading_club/__main__.py",
        "tests/sql",
        "tests/relay",
        "tests/cli",
        "tests/http",
    ],
}
COMMANDS = {"http": ["serve"], "sql": []}
LAYERS = {
    "http": [],
    "sql": ["__main__", "entrypoints", "bootstrap", "migrations", "adapters"],
}
TESTS = {
    "http": [
        *("tests/domain", "tests/service"),
        *("tests/sql/test_overnight.py", "tests/cli/test_door.py"),
    ],
    "sql": ["tests/domain", "tests/service"],
}


def remove(copy: Path, what: str) -> None:
    for name in FOLDERS[what]:
        path = copy / name
        print("removed", name + "/" * path.is_dir())
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    for name in COMMANDS[what]:
        print(f"removed {name} from {DOORS}/cli.py")
        file = copy / DOORS / "cli.py"
        file.write_text(without(file.name, file.read_text(), [name]))
    if LAYERS[what]:
        print("removed their layers from pyproject.toml")
        without_layers(copy / "pyproject.toml", LAYERS[what])


def without_layers(file: Path, layers: list[str]) -> None:
    text, marker, club = file.read_text().partition(
        'containers = ["reading_club"]'
    )
    for layer in layers:
        club = club.replace(f'    "{layer}",\n', "", 1)
    file.write_text(text + marker + club)


def last_line(copy: Path, *command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=copy,
        capture_output=True,
        text=True,
        check=False,
    )
    rows = (done.stdout + done.stderr).strip().splitlines()
    return rows[-1] if done.returncode == 0 else "\n".join(rows)


def main(what: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in ("messagebus", "reading_club", "tests"):
            shutil.copytree(ROOT / name, copy / name)
        shutil.copy(ROOT / "pyproject.toml", copy)
        remove(copy, what)
        print(last_line(copy, "-c", LINT))
        print(last_line(copy, "-m", "pytest", "-q", *TESTS[what]))


if __name__ == "__main__":
    main(sys.argv[1])
