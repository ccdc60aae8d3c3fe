"""Runs an application's migrations."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy.backends import allow_statements
from messagebus.adapters.sqlalchemy.database import AsyncSqlDatabase, SyncSqlDatabase
from messagebus.adapters.sqlalchemy.errors import MigrationError, OtherRevisionError
from messagebus.adapters.sqlalchemy.migrations.backup import back_up
from messagebus.adapters.sqlalchemy.migrations.differences import differences
from messagebus.adapters.sqlalchemy.migrations.references import BrokenReference
from messagebus.adapters.sqlalchemy.migrations.sqlite import (
    foreign_keys_on,
    run_without_foreign_keys,
)

if TYPE_CHECKING:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

_VERSIONS = sa.Table(
    "alembic_version",
    sa.MetaData(),
    sa.Column("version_num", sa.String(32), nullable=False),
    sa.PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)
"""The table as Alembic creates it."""

_A_DAY = 86_400.0

_LOCK = 7_103_261_894
"""An arbitrary number, which is the same for all processes that migrate a PostgreSQL database."""


def _none(tables: Collection[str]) -> None:
    """No tables without a mark are the application's."""


@dataclass(frozen=True)
class Migrated:
    """The result of a migration."""

    before: str | None
    """The revision that the tables had; `None` if there were none."""

    broken: Sequence[BrokenReference] = ()
    """Rows of SQLite that referred to missing rows before the migration, and still do."""


class Migrations:
    """An application's migrations: Alembic's scripts, and the tables to which they lead.

    `scripts` is Alembic's `script_location`, such as `reading_club:migrations`, and `head` the
    revision of today's tables. `unmarked` returns the revision of tables without Alembic's mark by
    their names, or `None` if they are not the application's.
    """

    def __init__(
        self,
        scripts: str,
        metadata: sa.MetaData,
        head: str,
        *,
        unmarked: Callable[[Collection[str]], str | None] = _none,
    ) -> None:
        self.metadata = metadata
        self.head = head
        self._scripts = scripts
        self._unmarked = unmarked

    def revision(self, connection: sa.Connection) -> str | None:
        """The revision of a database's tables; `None` if there are none."""
        tables = _own_schema(connection)
        if _VERSIONS.name not in tables:
            return self._unmarked(tables)
        marks = connection.scalars(sa.select(_VERSIONS.c.version_num)).all()
        if len(marks) > 1:
            raise MigrationError(
                f"the tables are at several revisions, {', '.join(sorted(marks))}. Merge them by "
                "Alembic's own `merge`."
            )
        return marks[0] if marks else None

    def knows(self, revision: str) -> bool:
        """Whether it is one of the scripts' revisions; if not, a later release has written it."""
        return any(each.revision == revision for each in self._directory().walk_revisions())

    async def migrate(self, database: AsyncSqlDatabase, *, backup: Path | None = None) -> Migrated:
        """Migrate a database to today's tables, in one transaction; keep a copy of it first.

        Raises `OtherRevisionError` for the tables of a later release, and `MigrationError` if the
        `backup` can't be made or if rows would refer to missing rows. The database is unchanged
        then.
        """
        return await database.with_connection(lambda each: self._migrate(each, backup))

    def migrate_sync(self, database: SyncSqlDatabase, *, backup: Path | None = None) -> Migrated:
        """Migrate a database of the sync variant, as `migrate` does."""
        return database.with_connection(lambda each: self._migrate(each, backup))

    def upgrade(self, connection: sa.Connection) -> str | None:
        """Migrate in the connection's transaction; return the revision before.

        Raises `OtherRevisionError` for the tables of a later release, and `MigrationError` for a
        connection to SQLite that enforces foreign keys: then a recreated table deletes the rows
        that refer to it.
        """
        from alembic import command

        if connection.dialect.name == "sqlite" and foreign_keys_on(connection):
            raise MigrationError(
                "foreign keys are on. A recreated table would delete the rows that refer to it. "
                "Migrate SQLite by migrate(database), which turns foreign keys off before the "
                "transaction and checks them before the commit."
            )
        if connection.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
            allow_statements(connection, _A_DAY)
        found = self.revision(connection)
        if found is not None and not self.knows(found):
            raise OtherRevisionError(
                f"its tables are those of a later release, or of another application (revision "
                f"{found}, this one knows {self.head}): install that release"
            )
        config = self._config(connection)
        if _VERSIONS.name not in _own_schema(connection):
            # Alembic would use another application's table, further down the search path.
            _VERSIONS.create(connection)
            if found is not None:
                command.stamp(config, found)
        command.upgrade(config, self.head)
        return found

    def differences(self, connection: sa.Connection) -> Sequence[str]:
        """The differences between the database's tables and the declared ones, by Alembic.

        Tables of other applications are ignored, in each schema.
        """
        return differences(connection, self.metadata)

    def _migrate(self, connection: sa.Connection, backup: Path | None) -> Migrated:
        def work(within: sa.Connection) -> str | None:
            if backup is not None:
                back_up(within, backup)
            return self.upgrade(within)

        if connection.dialect.name == "sqlite":
            return Migrated(*run_without_foreign_keys(connection, work))
        with connection.begin():
            return Migrated(work(connection))

    def _config(self, connection: sa.Connection | None = None) -> "Config":
        from alembic.config import Config

        config = Config(attributes={"connection": connection})
        config.set_main_option("script_location", self._scripts.replace("%", "%%"))
        return config

    def _directory(self) -> "ScriptDirectory":
        from alembic.script import ScriptDirectory

        return ScriptDirectory.from_config(self._config())


def _own_schema(connection: sa.Connection) -> Sequence[str]:
    """The tables of the schema in which new tables are created, without the others' schemas."""
    inspector = sa.inspect(connection)
    return inspector.get_table_names(schema=inspector.default_schema_name)
