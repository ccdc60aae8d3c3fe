"""Ratings get a version.

While this revision is in no release, what changes in the tables is changed here.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column; who has a rating has saved it once."""
    op.add_column("ratings", sa.Column("version", sa.Integer, nullable=False, server_default="1"))
