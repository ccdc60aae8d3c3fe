"""Last week's program meets this week's file."""

import pytest
import sqlalchemy as sa

from messagebus.adapters.sqlalchemy import AsyncSqlDatabase
from reading_club.adapters import schema


async def test_tables_of_a_later_release_are_left_alone(each_database: AsyncSqlDatabase) -> None:
    later = sa.text("UPDATE alembic_version SET version_num = '9999'")
    await each_database.run(lambda connection: connection.execute(later))
    with pytest.raises(schema.OtherRevisionError, match=r"later release.* install that release"):
        await each_database.run(schema.upgrade)
