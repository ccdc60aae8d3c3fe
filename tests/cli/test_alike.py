"""The installed script and `python -m reading_club` are one command line."""

import subprocess
import sys
from pathlib import Path

import pytest


def ran(folder: Path, *command: str) -> tuple[int, str, str]:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["--help"], 0), (["books", "--jason"], 2), (["--database", "club.db", "books", "--json"], 0)],
    ids=["help", "wrong option", "an empty shelf"],
)
def test_script_and_module_behave_alike(tmp_path: Path, arguments: list[str], status: int) -> None:
    script = Path(sys.executable).with_name("reading-club")
    by_script = ran(tmp_path, str(script), *arguments)
    assert by_script == ran(tmp_path, sys.executable, "-m", "reading_club", *arguments)
    assert by_script[0] == status
