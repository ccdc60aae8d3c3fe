"""Which tables a database has, and the way to today's: Alembic's migrations."""

from messagebus.adapters.sqlalchemy import AsyncSqlDatabase, MigratedDatabase, Migrations
from ‹package›.adapters.tables import metadata

REVISION = "0001"
"""The migration that makes today's tables."""

migrations = Migrations("‹package›:migrations", metadata, REVISION)
revision = migrations.revision
migrate = migrations.migrate
differences = migrations.differences


class ApplicationTables(MigratedDatabase):
    """The tables of the application's database."""

    def __init__(self, database: AsyncSqlDatabase, name: str) -> None:
        super().__init__(database, migrations, name=name, upgrade="‹project› db upgrade")
