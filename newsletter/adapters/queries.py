"""What the newsletter shows."""

from collections.abc import Sequence
from datetime import UTC, datetime

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy import AsyncSqlDatabase
from newsletter.adapters.tables import letters, live, standings
from newsletter.domain.model import Letter, Standing


async def written_letters(database: AsyncSqlDatabase) -> Sequence[Letter]:
    """All letters, the oldest first."""
    query = sa.select(letters).order_by(letters.c.written_at, letters.c.id)

    def read(connection: sa.Connection) -> Sequence[Letter]:
        return [_letter(row) for row in connection.execute(query).mappings()]

    return await database.run(read, read_only=True)


def _letter(row: sa.RowMapping) -> Letter:
    """The letter in a row; SQLite stores the time in UTC without its offset."""
    written_at: datetime = row["written_at"]
    if written_at.tzinfo is None:
        written_at = written_at.replace(tzinfo=UTC)
    return Letter.model_validate({**row, "written_at": written_at})


async def best_books(database: AsyncSqlDatabase) -> Sequence[Standing]:
    """The books that have a review: by their mean, then by the number of reviews and the title."""
    columns = standings.c
    query = (
        sa.select(columns.book_id, columns.title, columns.reviews, columns.total)
        .where(columns.generation == live, columns.reviews > 0)
        .order_by(
            sa.desc(columns.total * 1.0 / columns.reviews),
            columns.reviews.desc(),
            columns.title,
            columns.book_id,
        )
    )

    def read(connection: sa.Connection) -> Sequence[Standing]:
        return [Standing.model_validate(dict(row)) for row in connection.execute(query).mappings()]

    return await database.run(read, read_only=True)
