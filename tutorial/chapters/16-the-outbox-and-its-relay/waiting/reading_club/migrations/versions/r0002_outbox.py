"""Ratings and reviews get a version, and the event store is the outbox.

While this revision is in no release, what changes in the tables is changed here.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

eventstore = sa.table(
    "eventstore", sa.column("published", sa.Boolean), sa.column("sent_at", sa.DateTime)
)


def upgrade() -> None:
    """Add the columns; what was there has been saved once, and what was published waits."""
    for table in ("ratings", "reviews"):
        op.add_column(table, sa.Column("version", sa.Integer, nullable=False, server_default="1"))
    for column in (
        sa.Column("stream_key", sa.String(255), nullable=False, server_default=""),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("refused_at", sa.DateTime(timezone=True)),
        sa.Column("refusal", sa.Text),
    ):
        op.add_column("eventstore", column)
    columns = eventstore.c
    waits = sa.and_(columns.published.is_(True), columns.sent_at.is_(None))
    op.create_index(
        "ix_eventstore_waiting",
        "eventstore",
        ["position"],
        postgresql_where=waits,
        sqlite_where=waits,
    )
