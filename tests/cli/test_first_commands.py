"""The command line as people have it: each command is a process."""

import os
import subprocess
import sys
from pathlib import Path

EMMA = ("register", "Emma", "--author", "Jane Austen", "--isbn")


def club(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = os.environ | {"READING_CLUB_DATABASE_URL": f"sqlite:///{folder}/club.db"}
    command = [sys.executable, "-m", "reading_club", *arguments]
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


def test_a_registered_book_is_listed(tmp_path: Path) -> None:
    assert club(tmp_path, *EMMA, "978-0-14-143958-7").returncode == 0
    assert "Emma" in club(tmp_path, "books").stdout


def test_a_second_copy_is_refused(tmp_path: Path) -> None:
    club(tmp_path, *EMMA, "978-0-14-143958-7")
    again = club(tmp_path, *EMMA, "0-14-143958-0")
    assert again.stdout == ""
    assert "is registered already" in again.stderr
    assert again.returncode == 1


def test_a_wrong_digit_is_refused_in_words(tmp_path: Path) -> None:
    wrong = club(tmp_path, *EMMA, "978-0-14-143958-8")
    assert "Traceback" not in wrong.stderr
    assert "is no ISBN" in wrong.stderr
    assert wrong.returncode == 1
