"""Which tables a database has, and the way to today's."""

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy import AsyncSqlDatabase
from reading_club.adapters.tables import metadata


def upgrade(connection: sa.Connection) -> None:
    """Make the tables that are missing."""
    metadata.create_all(connection)


async def migrate(database: AsyncSqlDatabase) -> None:
    """Make them in a transaction of their own."""
    await database.run(upgrade)
