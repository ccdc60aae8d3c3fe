"""Which tables a database has, and the way to today's: Alembic's migrations."""

from collections.abc import Collection, Sequence

from messagebus.adapters.sqlalchemy import AsyncSqlDatabase, MigratedDatabase, Migrations
from reading_club.adapters.queries import names_alike
from reading_club.adapters.tables import metadata

REVISION = "0008"
"""The migration that makes today's tables."""

FIRST = "0001"


def _first_release(tables: Collection[str]) -> str | None:
    """The first release left no mark: its tables are known by their names."""
    return FIRST if {"books", "eventstore"}.issubset(tables) else None


migrations = Migrations("reading_club:migrations", metadata, REVISION, unmarked=_first_release)
revision = migrations.revision
upgrade = migrations.upgrade
migrate = migrations.migrate
differences = migrations.differences


class ClubTables(MigratedDatabase):
    """The tables of the club's database."""

    def __init__(self, database: AsyncSqlDatabase, name: str) -> None:
        super().__init__(database, migrations, name=name, upgrade="reading-club db upgrade")
        self._database = database

    async def notes(self) -> Sequence[str]:
        """List the reviewers whose names cannot be told from another one."""
        alike = await self._database.run(names_alike, read_only=True)
        if not alike:
            return ()
        listed = [
            f"{each.id} {each.name!a} "
            + (
                f"looks like {other.id} {other.name!a}"
                if other is not each
                else "has nothing to see"
            )
            for each, other in alike
        ]
        return (
            "These reviewers' names are kept as they were, and cannot be told from another one:",
            *listed,
        )
