"""Ratings and reviews get a version.

While this revision is in no release, what changes in the tables is changed here.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the columns; what was there before has been saved once."""
    for table in ("ratings", "reviews"):
        op.add_column(table, sa.Column("version", sa.Integer, nullable=False, server_default="1"))
