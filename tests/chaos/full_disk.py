"""Fills the file system of writer, relay and stream; run by hand, since it needs a mount:

    mount -t tmpfs -o size=6m tmpfs /mnt
    python -m tests.chaos.full_disk /mnt

An unused file takes a third of it. When no more books are accepted, the file is deleted: then all
must go on without help. Writes docs/benchmarks/full-disk.md.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from lastuuid import uuid7
from pydantic import SecretStr
from sqlalchemy.exc import DBAPIError

from bench.books import isbns
from bench.report import thousands, write_table
from reading_club.bootstrap import ReadingClub, Settings, open_club
from reading_club.domain.messages import RegisterBook
from tests.chaos.ledger import committed, in_file, judge

PAGES = Path(__file__).resolve().parents[2] / "docs" / "benchmarks"
MORE = 500


async def accepted(club: ReadingClub, source: Iterator[str]) -> bool:
    """Whether the club took one more book."""
    command = RegisterBook(id=uuid7(), isbn=next(source), title="Emma " * 20, author="Jane Austen")
    try:
        await club.handle(command)
    except DBAPIError as error:
        if "database or disk is full" not in str(error):
            raise
        await asyncio.sleep(0.01)
        return False
    return True


async def main(folder: Path) -> None:
    ballast, lines = folder / "ballast", folder / "stream.jsonl"
    free = os.statvfs(folder)
    ballast.write_bytes(bytes(free.f_bavail * free.f_frsize // 3))
    settings = Settings(
        database_url=SecretStr(str(folder / "club.db")), stream=SecretStr(lines.absolute().as_uri())
    )
    source = isbns(1_000_000)
    async with open_club(settings) as club:
        async with club.relay():
            before = refused = 0
            while refused < MORE:
                if await accepted(club, source):
                    before += 1
                else:
                    refused += 1
            ballast.unlink()
            after = sum([await accepted(club, source) for _ in range(MORE)])
        await club.relay().drain()
        truth = await club.database.run(committed, read_only=True)
    verdict = judge(truth, in_file(lines))
    if (before + after, after) != (len(truth), MORE):
        raise AssertionError(f"{before} and {after} accepted, {len(truth)} kept")
    told = [before, refused, after, verdict.doubled, verdict.lost, verdict.phantom, verdict.late]
    names = ["accepted until the disk was full", "refused while it was full"]
    names += [f"accepted of {MORE} with more room", "events sent again", "lost", "phantom", "late"]
    rows = [[name, thousands(number)] for name, number in zip(names, told, strict=True)]
    write_table(PAGES / "full-disk.md", ["", "SQLite, lines"], rows)


if __name__ == "__main__":
    logging.basicConfig(level="ERROR")
    asyncio.run(main(Path(sys.argv[1])))
