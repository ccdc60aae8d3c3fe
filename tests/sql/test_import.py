"""Concurrent imports, and the blocking database that they use."""

import json
import subprocess
import sys
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from uuid import uuid4

import pytest
from stdnum.ean import calc_check_digit

from messagebus import TransactionError
from messagebus.adapters.sqlalchemy import AsyncSqlDatabase, BlockingDatabase, open_sync_database
from reading_club.adapters.tables import metadata
from reading_club.adapters.uow import ClubUnitOfWork
from reading_club.domain.model import Book
from tests.waiting import TIMEOUT

ROOT = Path(__file__).parents[2]
MANY = 600


def write(path: Path, numbers: Sequence[int]) -> Path:
    isbns = [f"978{number:09}" for number in numbers]
    lines = [f"Title {isbn},Author,{isbn}{calc_check_digit(isbn)}" for isbn in isbns]
    path.write_text("\n".join(["title,author,isbn", *lines]), encoding="utf-8")
    return path


def start(url: str, file: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "reading_club", "--database", url, "import", str(file), "--json"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_two_imports_of_the_same_books_at_once_register_each_once(
    each_url: str, tmp_path: Path
) -> None:
    with start(each_url, write(tmp_path / "none.csv", [])) as process:
        process.communicate(timeout=TIMEOUT)
    upwards = start(each_url, write(tmp_path / "upwards.csv", range(MANY)))
    downwards = start(each_url, write(tmp_path / "downwards.csv", range(MANY)[::-1]))
    imported = 0
    for process in (upwards, downwards):
        stdout, stderr = process.communicate(timeout=TIMEOUT)
        assert stderr == ""
        report = json.loads(stdout)
        reasons = [refused["reason"] for refused in report["refused"]]
        assert all("by somebody else meanwhile" in reason for reason in reasons)
        assert report["imported"] + report["unchanged"] + len(reasons) == MANY
        imported += report["imported"]
    assert imported == MANY


@pytest.fixture
async def blocking(each_url: str) -> AsyncGenerator[AsyncSqlDatabase, None]:
    database = BlockingDatabase(open_sync_database(each_url))
    await database.create(metadata)
    yield database
    await database.close()


async def test_a_blocking_database_keeps_what_is_committed_and_nothing_else(
    blocking: AsyncSqlDatabase,
) -> None:
    kept, undone = [
        Book(id=uuid4(), isbn=isbn, title="T", author="A")
        for isbn in ("0-321-12521-5", "9780132350884")
    ]
    uow = ClubUnitOfWork(blocking)
    async with uow as transaction:
        await transaction.books.add(kept)
        await transaction.commit()
    async with uow as transaction:
        await transaction.books.add(undone)
        await transaction.rollback()
    async with ClubUnitOfWork(blocking, read_only=True) as transaction:
        assert [book.id for book in await transaction.catalogue.shelf()] == [kept.id]
        await transaction.rollback()
    with pytest.raises(TransactionError, match="outside of a transaction"):
        await uow.books.add(undone)
