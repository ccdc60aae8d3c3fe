"""The command line, run in this process on a database of the test's own."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from reading_club.entrypoints.cli import app

Club = Callable[..., Result]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and no settings from outside."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("READING_CLUB_DATABASE_URL", raising=False)
    return tmp_path


@pytest.fixture
def club(folder: Path) -> Club:
    """Run `reading-club` with the given arguments, as on a terminal: no escape is taken out."""
    return lambda *arguments: CliRunner().invoke(app, [*map(str, arguments)], color=True)


def output(result: Result) -> Any:
    """The JSON that a command printed."""
    assert result.stderr == ""
    return json.loads(result.stdout)
