"""Where a withdrawn comment still stands, and how it is erased there."""

import asyncio
import json
import tempfile
from functools import partial
from uuid import UUID

import sqlalchemy as sa
from lastuuid import uuid7
from pydantic import SecretStr

from messagebus import Command
from reading_club.adapters.tables import answers, eventstore, reviews, stream
from reading_club.bootstrap import ReadingClub, Settings, open_club
from reading_club.domain.messages import (
    RegisterBook,
    RegisterReviewer,
    ReviewBook,
    ReviseReview,
    WithdrawReview,
)

COMMENT = "My neighbour Bob lent it to me."

TEXTS = (
    eventstore.table.c.payload,
    stream.table.c.payload,
    answers.table.c.body,
)
"""Where the club keeps JSON text that may hold a comment."""


def erase_comments(connection: sa.Connection, review: UUID) -> int:
    """Empty the comment wherever a text about this review has one."""
    erased = 0
    for column in TEXTS:
        (key,) = column.table.primary_key
        about = sa.select(key, column).where(column.contains(str(review)))
        for position, text in connection.execute(about).all():
            row = json.loads(text)
            if row.get("id") == str(review) and row.get("comment"):
                emptied = json.dumps({**row, "comment": ""}, ensure_ascii=False)
                change = column.table.update().where(key == position)
                connection.execute(change.values({column: emptied}))
                erased += 1
    return erased


def show(connection: sa.Connection) -> None:
    for column in (reviews.c.comment, *TEXTS):
        holding = sa.select(sa.func.count()).where(column.contains(COMMENT))
        rows = connection.execute(holding).scalar_one()
        print(f"  {column.table.name:10}  {rows}")


async def ask(club: ReadingClub, *commands: Command) -> None:
    for command in commands:
        await club.handle(command)


async def main(folder: str) -> None:
    settings = Settings(database_url=SecretStr(f"{folder}/club.db"))
    review, isbn = uuid7(), "0-14-143958-0"
    async with open_club(settings) as club:
        await ask(
            club,
            RegisterBook(
                id=uuid7(), isbn=isbn, title="Emma", author="Jane Austen"
            ),
            RegisterReviewer(id=uuid7(), name="Ada"),
            ReviewBook(
                id=review, isbn=isbn, reviewer="Ada", rating=9, comment=""
            ),
            ReviseReview(id=review, reviewer="Ada", rating=8, comment=COMMENT),
            WithdrawReview(id=review, reviewer="Ada"),
        )
        await club.relay().drain()
        print("Withdrawn: rows that hold the comment")
        await club.database.run(show, read_only=True)
        erased = await club.database.run(partial(erase_comments, review=review))
        print(f"Erased from {erased}: rows that hold the comment")
        await club.database.run(show, read_only=True)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(main(folder))
