"""A third entrypoint: a list of books, as text."""

import csv
import io
from pathlib import Path

from lastuuid import uuid7
from pydantic import SecretStr

from reading_club.bootstrap import ReadingClub, Settings, open_club
from reading_club.domain.messages import RegisterBook

BOOKS = """\
title,author,isbn
Emma,Jane Austen,978-0-14-143958-7
Emma once more,Jane Austen,0-14-143958-0
"""


async def import_books(club: ReadingClub, text: str) -> int:
    """Register each book of the list; say how many were new."""
    new = 0
    for row in csv.DictReader(io.StringIO(text)):
        command = RegisterBook(
            id=uuid7(), title=row["title"], author=row["author"], isbn=row["isbn"]
        )
        new += (await club.handle(command)).is_ok()
    return new


async def test_a_list_is_an_entrypoint_too(tmp_path: Path) -> None:
    settings = Settings(database_url=SecretStr(f"sqlite:///{tmp_path}/club.db"))
    async with open_club(settings) as club:
        assert await import_books(club, BOOKS) == 1
        assert [book.title for book in await club.shelf()] == ["Emma"]
