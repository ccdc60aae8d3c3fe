"""An operator changes a table by hand."""

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy import AsyncSqlDatabase
from reading_club.adapters import schema


def help_along(connection: sa.Connection) -> None:
    connection.execute(sa.text("ALTER TABLE books ADD COLUMN shelf_mark TEXT"))


async def test_an_undeclared_column_is_found(each_database: AsyncSqlDatabase) -> None:
    await each_database.run(help_along)
    [difference] = await each_database.run(schema.differences)
    assert "remove_column" in difference
    assert "shelf_mark" in difference
