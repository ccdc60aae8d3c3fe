"""Alembic runs this to migrate: on the connection that the migrations runner gives."""

from alembic import context

from newsletter.adapters.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
context.run_migrations()
