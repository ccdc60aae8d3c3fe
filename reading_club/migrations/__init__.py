"""The history of the club's tables, for Alembic: each step is written once and never changed."""
