"""Commands on a file that its user may only read, run by a process that modes of files hold for."""

import ctypes
import json
import os
import subprocess
import sys
from collections.abc import Generator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from reading_club.entrypoints import cli
from tests.cli.conftest import Club
from tests.waiting import TIMEOUT

ROOT = Path(cli.__file__).parents[3]
FILE = "reading-club.db"
DROP_OF_BOUNDING_SET, DAC_OVERRIDE = 24, 1
"""Numbers of Linux: for `prctl`, and for root's right to write what no mode lets it write."""
libc = ctypes.CDLL(None)

COMMANDS = """
import json
import sys
from typer.testing import CliRunner
from reading_club.entrypoints.cli import app

results = [CliRunner().invoke(app, command) for command in json.loads(sys.argv[1])]
print(json.dumps([[each.exit_code, each.stdout, each.stderr] for each in results]))
"""

READER = """
import asyncio
import sqlalchemy as sa
from messagebus.adapters.sqlalchemy import open_database

def read(connection):
    print(connection.scalar(sa.text("SELECT title FROM books")), flush=True)
    input()

async def main():
    database = open_database("sqlite:///reading-club.db")
    try:
        await database.run(read, read_only=True)
    finally:
        await database.close()

asyncio.run(main())
"""

WRITER = """
import sqlite3
writer = sqlite3.connect("reading-club.db", isolation_level=None)
writer.execute("UPDATE books SET title = 'Persuasion'")
print("written", flush=True)
input()
"""


class Ended(NamedTuple):
    """How a command ended."""

    exit_code: int
    stdout: str
    stderr: str


def obey_modes() -> None:
    """Let what is executed next have no right to pass over the modes of files, if it is root."""
    if os.getuid() == 0:
        libc.prctl(DROP_OF_BOUNDING_SET, DAC_OVERRIDE, 0, 0, 0)


def started(script: str, *arguments: str, limited: bool = True) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-B", "-c", script, *arguments],
        preexec_fn=obey_modes if limited else None,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(*commands: Sequence[str]) -> list[Ended]:
    """What became of commands, one after the other in one process."""
    stdout, stderr = started(COMMANDS, json.dumps(commands)).communicate(timeout=TIMEOUT)
    assert stderr == ""
    return [Ended(*each) for each in json.loads(stdout)]


@pytest.fixture
def shelf(club: Club, folder: Path) -> Generator[Path, None, None]:
    """A folder with a database of one book."""
    club("register", "Emma", "--author", "Jane Austen", "--isbn", "978-0-14-143958-7")
    yield folder
    folder.chmod(0o755)


@pytest.mark.parametrize(
    ("file", "folder_of_it"),
    [(0o444, 0o555), (0o444, 0o755), (0o644, 0o555)],
    ids=["both", "the file", "the folder"],
)
def test_a_read_only_file_is_read_and_a_change_names_the_missing_right(
    shelf: Path, file: int, folder_of_it: int
) -> None:
    (shelf / FILE).chmod(file)
    shelf.chmod(folder_of_it)
    readers = [
        ["books"],
        ["reviewers"],
        ["events"],
        ["outbox", "status"],
        ["dead-letters", "list"],
        ["db", "current"],
        ["db", "check"],
    ]
    changing = [
        ["reviewer", "Ada"],
        ["import", str(ROOT / "reading_club/data/books.csv")],
        ["db", "upgrade"],
    ]
    results = ended(*readers, *changing)
    for each in results[: len(readers)]:
        assert (each.exit_code, each.stderr) == (0, "")
    assert "Emma" in results[0].stdout
    assert "Emma" in results[2].stdout
    for each in results[len(readers) :]:
        assert each.exit_code == 1
        assert "this user may not write" in each.stderr
        assert "A change needs write access to the file and its folder" in each.stderr
    assert [each.name for each in shelf.iterdir()] == [FILE]


def test_a_relay_that_cannot_lock_says_what_it_needs(shelf: Path) -> None:
    (shelf / FILE).chmod(0o444)
    shelf.chmod(0o555)
    (refused,) = ended(["relay", "--once"])
    assert refused.exit_code == 1
    assert "can't be locked" in refused.stderr
    assert "Let the relay's user write both files and their folder" in refused.stderr


def test_the_leader_is_unknown_to_a_user_without_the_right_to_lock(shelf: Path, club: Club) -> None:
    assert club("relay", "--once").exit_code == 0
    (lock,) = shelf.glob("*.lock")
    lock.chmod(0o444)
    (status,) = ended(["outbox", "status"])
    assert "leader      not known: this user may not lock" in status.stdout


def test_a_reader_sees_the_commits_of_a_writer_beside_it(shelf: Path) -> None:
    with started(WRITER, limited=False) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "written\n"
        shelf.chmod(0o555)
        (listed,) = ended(["books"])
        writer.communicate("\n", timeout=TIMEOUT)
    assert (listed.exit_code, listed.stderr) == (0, "")
    assert "Persuasion" in listed.stdout


def test_a_file_that_is_written_while_it_is_read_as_it_is_gives_no_result(
    shelf: Path, club: Club
) -> None:
    shelf.chmod(0o555)
    with started(READER) as reader:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "Emma\n"
        shelf.chmod(0o755)
        club("register", "Persuasion", "--author", "Jane Austen", "--isbn", "978-0-14-143968-6")
        _, stderr = reader.communicate("\n", timeout=TIMEOUT)
    assert reader.returncode == 1
    assert "was written while it was read" in stderr
