"""The command as a process of its own: killed, interrupted, in a pipe, on a terminal, started."""

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from stdnum.ean import calc_check_digit

from reading_club.entrypoints.cli.options import OPERATIONS
from tests.cli.conftest import Club
from tests.sql.conftest import rows
from tests.waiting import TIMEOUT, wait_until

ROOT = Path(__file__).parents[2]
MANY = 2000


@pytest.fixture
def many_books(folder: Path) -> Path:
    numbers = [f"978{number:09}" for number in range(MANY)]
    lines = [f"Title {number},Author,{number}{calc_check_digit(number)}" for number in numbers]
    path = folder / "many.csv"
    path.write_text("\n".join(["title,author,isbn", *lines]))
    return path


def command(*arguments: object) -> Sequence[str]:
    return [sys.executable, "-m", "reading_club", "--database", "club.db", *map(str, arguments)]


def start(folder: Path, *arguments: object) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command(*arguments),
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


BOOKS = "SELECT count(*) FROM books"
COMMANDS = "SELECT count(*) FROM eventstore WHERE kind = 'command'"
EVENTS = "SELECT count(*) FROM eventstore WHERE published"
TOLD = """
    SELECT count(*) FROM books WHERE EXISTS (
        SELECT 1 FROM eventstore WHERE published AND payload ->> 'isbn' = books.isbn
    )
"""


def count(folder: Path, query: str) -> int:
    ((number,),) = rows(folder / "club.db", query)
    assert isinstance(number, int)
    return number


def has_rows(folder: Path) -> bool:
    return (
        (folder / "club.db").exists()
        and count(folder, "SELECT count(*) FROM sqlite_master WHERE name = 'eventstore'") == 1
        and count(folder, BOOKS) > 0
    )


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_an_import_cut_short_leaves_whole_rows_each_with_its_event(
    folder: Path, many_books: Path, how: signal.Signals
) -> None:
    with start(folder, "import", many_books, "--json") as process:
        wait_until(lambda: has_rows(folder), every=0.002)
        process.send_signal(how)
        stdout, stderr = process.communicate(timeout=TIMEOUT)

    assert process.returncode == (130 if how is signal.SIGINT else -how)
    assert stdout == ""
    assert "Traceback" not in stderr
    kept = count(folder, BOOKS)
    assert 0 < kept < MANY
    assert count(folder, COMMANDS) == kept
    assert count(folder, EVENTS) == kept
    assert count(folder, TOLD) == kept

    with start(folder, "import", many_books, "--json") as again:
        stdout, stderr = again.communicate(timeout=TIMEOUT)
    assert json.loads(stdout) == {"imported": MANY - kept, "unchanged": kept, "refused": []}
    assert stderr == ""


def test_a_progress_bar_is_shown_on_a_terminal_and_not_in_a_pipe(
    folder: Path, many_books: Path
) -> None:
    terminal, end = pty.openpty()
    with subprocess.Popen(
        command("import", many_books, "--json"),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm"},
        stdout=subprocess.PIPE,
        stderr=end,
    ) as process:
        os.close(end)
        shown = b""
        while part := _read(terminal):
            shown += part
        stdout, _ = process.communicate(timeout=TIMEOUT)
    os.close(terminal)
    assert b"Importing" in shown
    assert json.loads(stdout)["imported"] == MANY


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


@pytest.mark.parametrize("arguments", [("books",), ("events",), ("events", "--json")])
def test_a_closed_pipe_shows_no_traceback(
    folder: Path, many_books: Path, arguments: tuple[str, ...]
) -> None:
    start(folder, "import", many_books).communicate(timeout=TIMEOUT)
    with start(folder, *arguments) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()


def finished(
    folder: Path, *arguments: object, stdin: str = "", **variables: str
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT), **variables},
        input=stdin,
        capture_output=True,
        encoding="utf-8",
        timeout=TIMEOUT,
    )


def register(folder: Path) -> None:
    done = finished(folder, "register", "Größe", "--author", "Évans", "--isbn", "0-321-12521-5")
    assert (done.returncode, done.stdout) == (0, "Registered Größe by Évans.\n")


@pytest.mark.parametrize("arguments", [("books",), ("events", "--json"), ("--help",)])
def test_output_that_cannot_be_written_is_named_without_a_traceback(
    folder: Path, arguments: tuple[str, ...]
) -> None:
    register(folder)
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        done = subprocess.run(
            command(*arguments),
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=TIMEOUT,
        )
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "the output, or a temporary file, cannot be written: [Errno 28] No space left on device"
    ]


def test_characters_that_the_terminal_cannot_show_are_escaped(folder: Path) -> None:
    register(folder)
    for arguments in (("books",), ("events",), ("--help",)):
        shown = finished(folder, *arguments, PYTHONIOENCODING="ascii")
        assert (shown.returncode, shown.stderr) == (0, "")
    assert r"Gr\xf6\xdfe" in finished(folder, "books", PYTHONIOENCODING="ascii").stdout


def test_a_database_in_memory_is_refused_with_the_remedy(folder: Path) -> None:
    refused = finished(folder, "books", "--database", ":memory:")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "it names no file or database that outlives the command" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_import_reads_the_standard_input(folder: Path) -> None:
    stdin = "title,author,isbn\nGröße,Évans,0-321-12521-5\n"
    imported = finished(folder, "import", "-", stdin=stdin)
    assert (imported.returncode, imported.stderr) == (0, "")
    assert imported.stdout == "Imported 1, unchanged 0, refused 0.\n"
    empty = finished(folder, "import", "-")
    assert (empty.returncode, empty.stdout) == (1, "")
    assert "the standard input is empty" in empty.stderr


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(("--help",), 0), (("lend",), 2), (("register",), 2)],
)
def test_help_and_wrong_usage_import_neither_the_bus_nor_sqlalchemy_nor_rich(
    folder: Path, arguments: tuple[str, ...], status: int
) -> None:
    done, imported = importing(*arguments)
    assert done.returncode == status
    packages = {name.partition(".")[0] for name in imported}
    assert "typer" in packages
    assert packages.isdisjoint({"messagebus", "sqlalchemy", "asyncio", "rich"})


def test_help_of_a_command_of_the_library_imports_neither_sqlalchemy_nor_rich(folder: Path) -> None:
    done, imported = importing("dead-letters", "list", "--help")
    assert done.returncode == 0
    packages = {name.partition(".")[0] for name in imported}
    assert "messagebus.adapters.typer" in imported
    assert packages.isdisjoint({"sqlalchemy", "rich", "alembic", "structlog"})


def test_help_of_all_commands_says_of_each_group_what_its_own_help_says(club: Club) -> None:
    listed = " ".join(club("--help").stdout.split())
    for name in OPERATIONS:
        own = club(name, "--help").stdout.splitlines()[2].strip()
        assert f"{name} {own}"[:40] in listed


def test_a_command_on_sqlite_imports_neither_an_async_engine_nor_the_orm(folder: Path) -> None:
    done, imported = importing("--database", str(folder / "shelf.db"), "books")
    assert done.returncode == 0
    assert "sqlalchemy.engine" in imported
    assert imported.isdisjoint({"sqlalchemy.ext.asyncio", "sqlalchemy.orm"})


def importing(*arguments: str) -> tuple[subprocess.CompletedProcess[str], set[str]]:
    """The club's command, ended, and the modules that it imported."""
    program = [sys.executable, "-X", "importtime", "-m", "reading_club", *arguments]
    done = subprocess.run(
        program, cwd=ROOT, capture_output=True, encoding="utf-8", timeout=TIMEOUT, check=False
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    return done, {line.rpartition("|")[2].strip() for line in lines}
