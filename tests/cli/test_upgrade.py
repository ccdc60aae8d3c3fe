"""`db upgrade` says what it keeps, and keeps it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.cli.conftest import Club
from tests.sql.conftest import server_database, server_url
from tests.sql.test_migrations import FIRST_RELEASE

__all__ = ["server_database", "server_url"]

FILE = "reading-club.db"


@pytest.fixture
def old_file(folder: Path) -> Path:
    with closing(sqlite3.connect(folder / FILE)) as connection:
        connection.executescript(FIRST_RELEASE.read_text())
    return folder / FILE


def dump(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return list(connection.iterdump())


def test_a_copy_of_the_file_is_kept_before_it_is_upgraded(
    club: Club, folder: Path, old_file: Path
) -> None:
    before = dump(old_file)
    upgraded = club("db", "upgrade", "--backup", "before.db")
    assert upgraded.exit_code == 0
    assert f"before.db is a copy of {FILE} as it was." in upgraded.stdout
    assert dump(folder / "before.db") == before
    assert dump(old_file) != before


def test_a_copy_is_written_over_no_file_and_then_nothing_is_upgraded(
    club: Club, folder: Path, old_file: Path
) -> None:
    before = dump(old_file)
    (folder / "mine.txt").write_text("mine")
    for copy in ("mine.txt", FILE, "missing/before.db"):
        refused = club("db", "upgrade", "--backup", copy)
        assert (refused.exit_code, refused.stdout) == (1, "")
        assert f"{FILE} is not upgraded: " in refused.stderr
        assert copy in refused.stderr
        assert "Nothing was changed" in refused.stderr
    assert dump(old_file) == before
    assert (folder / "mine.txt").read_text() == "mine"


def test_a_server_s_copy_is_left_to_pg_dump(club: Club, folder: Path, server_url: str) -> None:
    refused = club("--database", server_url, "db", "upgrade", "--backup", "before.db")
    assert refused.exit_code == 1
    assert "pg_dump --format=custom --file=before.db --dbname=postgresql://" in refused.stderr
    assert not (folder / "before.db").exists()
    assert "no tables yet" in club("--database", server_url, "db", "current").stdout


def test_rows_that_referred_to_nothing_before_are_listed_and_kept(
    club: Club, old_file: Path
) -> None:
    with closing(sqlite3.connect(old_file)) as connection, connection:
        connection.execute("DELETE FROM reviewers")
    upgraded = club("db", "upgrade")
    assert upgraded.exit_code == 0
    assert upgraded.stdout.splitlines()[1:] == [
        "These rows refer to rows that are not there, and did so before:",
        "reviews, row 1: no such row of reviewers",
    ]
    with closing(sqlite3.connect(old_file)) as connection:
        assert connection.execute("SELECT count(*) FROM reviews").fetchone() == (1,)
