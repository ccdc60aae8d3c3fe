"""A database and the migrations of its tables, for applications and their operators."""

from collections.abc import Sequence
from pathlib import Path

from messagebus.adapters.sqlalchemy.database import AsyncSqlDatabase
from messagebus.adapters.sqlalchemy.errors import (
    MigrationError,
    OtherRevisionError,
    UpgradeFailedError,
)
from messagebus.adapters.sqlalchemy.migrations.runner import Migrated, Migrations


class MigratedDatabase:
    """The tables of one database, and the migrations that lead to today's.

    Errors name the database by `name`, and by `upgrade` the command that migrates it, such as
    `reading-club db upgrade`.
    """

    def __init__(
        self, database: AsyncSqlDatabase, migrations: Migrations, *, name: str, upgrade: str
    ) -> None:
        self.name = name
        self.upgrade = upgrade
        self._database = database
        self._migrations = migrations

    @property
    def newest(self) -> str:
        """The revision of today's tables."""
        return self._migrations.head

    async def revision(self) -> str | None:
        """The revision of the tables; `None` if there are none."""
        return await self._database.run(self._migrations.revision, read_only=True)

    def knows(self, revision: str) -> bool:
        """Whether the revision is one of this release's; if not, a later release has written it."""
        return self._migrations.knows(revision)

    def mismatch(self, revision: str) -> str:
        """The reason why this release cannot use tables of another revision, with the remedy."""
        if self.knows(revision):
            return (
                f"its tables are those of an earlier release (revision {revision}, today's is "
                f"{self.newest}): run `{self.upgrade}`, which keeps what is in them"
            )
        return (
            f"its tables are those of a later release, or of another application (revision "
            f"{revision}, this release knows {self.newest}): install that release"
        )

    async def prepare(self) -> None:
        """Create the tables if there are none.

        Raises `OtherRevisionError` for the tables of another release. They are migrated on request
        only, since the release that wrote them cannot use them afterwards.
        """
        found = await self.revision()
        if found is None:
            await self._migrations.migrate(self._database)
        elif found != self.newest:
            raise OtherRevisionError(self.mismatch(found))

    async def migrate(self, backup: Path | None = None) -> Migrated:
        """Migrate to today's tables, in one transaction; copy an SQLite file to `backup` first.

        Raises `OtherRevisionError` for the tables of a later release, and `UpgradeFailedError` if
        the copy or the migration fails. The database is unchanged then.
        """
        try:
            return await self._migrations.migrate(self._database, backup=backup)
        except OtherRevisionError:
            raise
        except MigrationError as error:
            raise UpgradeFailedError(f"{self.name} is not upgraded: {error}") from error

    async def differences(self) -> Sequence[str]:
        """Each difference between the database's tables and the declared ones."""
        return await self._database.run(self._migrations.differences, read_only=True)

    async def notes(self) -> Sequence[str]:
        """Notes for the operator after an upgrade; an application overrides this method."""
        return ()
