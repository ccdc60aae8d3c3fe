"""Who asked for a message: the user whom a token names, or the one of the command line."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add the column; of messages from before it is not known."""
    op.add_column("eventstore", sa.Column("actor", sa.String(255)))
