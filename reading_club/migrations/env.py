"""Alembic runs this to migrate: on the connection that `reading_club.adapters.schema` gives."""

from alembic import context

from reading_club.adapters.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
