"""The first migration of a service: the tables that the club declares, less those of books."""

import sqlalchemy as sa
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext

from reading_club.adapters.tables import metadata

LEFT_OUT = {"books", "reviews", "ratings"}
FOR_HTTP = {"answers"}
PATH = "reading_club/migrations/versions/r0001_tables.py"
ON_BOTH_DATABASES = (
    ("sa.text('now()')", "sa.func.now()"),
    ("postgresql_where=sa.text('published IS 1", "postgresql_where=sa.text('published IS TRUE"),
)
"""Alembic writes what one database understands; the migration runs on two."""

HEAD = '''"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
'''


def first_migration(*, http: bool) -> str:
    """The module, as Alembic's autogenerate writes what it does."""
    left_out = LEFT_OUT if http else LEFT_OUT | FOR_HTTP
    kept = sa.MetaData(naming_convention=metadata.naming_convention)
    for table in metadata.sorted_tables:
        if table.name not in left_out:
            table.to_metadata(kept)
    version = sa.Column("version", sa.Integer, nullable=False)
    kept.tables["reviewers"].append_column(version)
    engine = sa.create_engine("sqlite://")
    with engine.connect() as connection:
        found = produce_migrations(MigrationContext.configure(connection), kept)
    engine.dispose()
    assert found.upgrade_ops is not None
    code = render_python_code(found.upgrade_ops)
    for written, meant in ON_BOTH_DATABASES:
        code = code.replace(written, meant)
    return HEAD + "".join(
        f"{line}\n" for line in code.splitlines() if not line.strip().startswith("#")
    )
