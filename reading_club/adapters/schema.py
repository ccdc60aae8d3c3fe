"""Which tables a database has, and the way to today's: Alembic's migrations.

Alembic is imported only by what migrates or compares: opening a database whose tables are today's
asks for one row.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from reading_club.adapters.tables import metadata

if TYPE_CHECKING:
    from alembic.config import Config

REVISION = "0003"
"""The migration that makes today's tables."""

FIRST = "0001"
_VERSIONS = sa.table("alembic_version", sa.column("version_num", sa.String))
_LOCK = 7_103_261_894
"""Any number, but the same for all who migrate a club's database on PostgreSQL."""


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


def refuse_other(found: str) -> None:
    """Raise `OtherRevisionError` for the tables of another release.

    None is changed unasked: the release that wrote them could not use them any more.
    """
    if found < REVISION:
        raise OtherRevisionError(
            f"its tables are those of an earlier release (revision {found}, today's is "
            f"{REVISION}): run `reading-club db upgrade`, which keeps what is in them"
        )
    if found > REVISION:
        raise OtherRevisionError(
            f"its tables are those of a later release (revision {found}, this one knows "
            f"{REVISION}): install that release"
        )


def upgrade(connection: sa.Connection) -> str | None:
    """Migrate to today's tables, in the connection's transaction; return the revision before.

    Raises `OtherRevisionError` for the tables of a later release.
    """
    from alembic import command

    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        connection.execute(sa.text("SET LOCAL statement_timeout = 0"))
    found = revision(connection)
    if found is not None and found > REVISION:
        refuse_other(found)
    config = _config(connection)
    if found == FIRST:
        command.stamp(config, FIRST)
    command.upgrade(config, REVISION)
    return found


def differences(connection: sa.Connection) -> Sequence[str]:
    """What sets the database's tables apart from those that the club declares, by Alembic."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    found = compare_metadata(MigrationContext.configure(connection), metadata)
    unnamed = [
        (table, each["column_names"])
        for (_, table), constraints in sa.inspect(connection).get_multi_unique_constraints().items()
        for each in constraints
        if each["name"] is None
    ]
    return [str(each) for each in found if _constraint(each) not in unnamed]


def _constraint(difference: Any) -> tuple[str, Sequence[str]] | None:
    """The table and columns of a missing constraint.

    The first release gave its constraints no names. SQLite cannot rename them, and tells those who
    break one the columns.
    """
    match difference:
        case ("add_constraint", sa.UniqueConstraint(table=table, columns=columns)):
            return table.name, list(columns.keys())
        case _:
            return None


def _config(connection: sa.Connection) -> "Config":
    from alembic.config import Config

    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "reading_club:migrations")
    return config
