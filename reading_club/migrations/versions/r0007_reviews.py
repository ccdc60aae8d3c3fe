"""Which version of a review is kept: a revision of it makes the next one."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the column; a review from before has never been revised."""
    op.add_column("reviews", sa.Column("version", sa.Integer, nullable=False, server_default="1"))
