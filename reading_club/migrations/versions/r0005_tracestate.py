"""What vendors say of the span that a message came of, beside its `traceparent`."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column; messages from before have none."""
    op.add_column("eventstore", sa.Column("tracestate", sa.String(512)))
