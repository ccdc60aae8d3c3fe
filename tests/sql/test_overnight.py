"""The club closes for the night."""

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path


def titles(file: Path) -> list[str]:
    """The titles that another program reads in the file."""
    with closing(sqlite3.connect(file)) as connection:
        return [title for (title,) in connection.execute("SELECT title FROM books")]


def test_a_book_is_still_there_in_the_morning(file: Path) -> None:
    subprocess.run([sys.executable, "-m", "tests.sql.evening", str(file)], check=True)
    assert titles(file) == ["Domain Driven Design"]
