"""Which tables a database has, and the way to today's: Alembic's migrations."""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext

from messagebus.adapters.sqlalchemy import AsyncSqlDatabase
from reading_club.adapters.tables import metadata

REVISION = "0002"
"""The migration that makes today's tables."""

FIRST = "0001"
_VERSIONS = sa.table("alembic_version", sa.column("version_num", sa.String))


class OtherRevisionError(Exception):
    """The database's tables are not those that this release works with."""


def revision(connection: sa.Connection) -> str | None:
    """The revision of a club's tables; `None` where there are none.

    The first release left no mark: its tables are known by their names.
    """
    tables = sa.inspect(connection).get_table_names()
    if _VERSIONS.name in tables:
        return connection.scalar(sa.select(_VERSIONS.c.version_num))
    return FIRST if {"books", "eventstore"}.issubset(tables) else None


def upgrade(connection: sa.Connection) -> str | None:
    """Migrate to today's tables, in the connection's transaction; return the revision before.

    Raises `OtherRevisionError` for the tables of a later release.
    """
    found = revision(connection)
    if found is not None and found > REVISION:
        raise OtherRevisionError(
            f"its tables are those of a later release (revision {found}, this one knows "
            f"{REVISION}): install that release"
        )
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "reading_club:migrations")
    if found == FIRST:
        command.stamp(config, FIRST)
    command.upgrade(config, REVISION)
    return found


async def migrate(database: AsyncSqlDatabase) -> str | None:
    """Migrate a database to today's tables; return the revision before."""
    return await database.run(upgrade)


def differences(connection: sa.Connection) -> Sequence[str]:
    """What sets the database's tables apart from those that the club declares, by Alembic."""
    found = compare_metadata(MigrationContext.configure(connection), metadata)
    return [str(each) for each in found]
