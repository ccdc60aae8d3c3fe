"""The history of the newsletter's tables, for Alembic."""
