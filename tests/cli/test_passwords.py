"""What the command line says of a database that it cannot reach: all but the password."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Club

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:sesame@127.0.0.1:1/club",
        "postgresql://ann:sesame@nowhere.invalid/club",
        "postgresql://ann:sesame@127.0.0.1/",
        "postgresql://ann:sesame@127.0.0.1:port/club",
        "mysql://ann:sesame@127.0.0.1/club",
        "postgresql://ann@127.0.0.1:1/club?password=sesame",
        "postgresql://ann:sesame@127.0.0.1:1/club?no_such_option=1",
        "postgresql://ann:sesame@127.0.0.1:99999/club",
    ],
    ids=[
        *("nobody listens", "unknown host", "no database", "no port", "unknown kind"),
        *("in the query", "unknown option", "port too large"),
    ],
)
@pytest.mark.parametrize("command", ["books", "db"])
def test_no_password_is_printed(
    club: Club, url: str, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = ("db", "current") if command == "db" else (command,)
    for refused in (club("--database", url, *arguments), club(*arguments, "--database", url)):
        assert refused.exit_code in (1, 2)
        assert refused.stderr
        assert "sesame" not in refused.output
    monkeypatch.setenv("READING_CLUB_DATABASE_URL", url)
    refused = club(*arguments)
    assert refused.exit_code in (1, 2)
    assert "sesame" not in refused.output + club("--help").output


@pytest.mark.parametrize("command", [["serve", "--port", "0", "--log-json"], ["relay"]])
def test_no_password_is_logged(folder: Path, command: list[str]) -> None:
    url = "postgresql://ann:sesame@127.0.0.1:1/club"
    environment = {"PYTHONPATH": str(ROOT), "READING_CLUB_DATABASE_URL": url}
    ended = subprocess.run(
        [sys.executable, "-m", "reading_club", *command],
        env={**os.environ, **environment, "READING_CLUB_LOG_LEVEL": "debug"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 1
    assert "127.0.0.1:1" in ended.stderr
    assert "sesame" not in ended.stdout + ended.stderr
