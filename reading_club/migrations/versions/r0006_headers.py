"""The headers that are kept with an answer, and sent again with it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

answers = sa.table(
    "answers", sa.column("status", sa.SmallInteger), sa.column("media_type", sa.Text)
)


def upgrade() -> None:
    """Add the columns; answers from before had a media type by their status, and no other."""
    for name in ("media_type", "etag", "location"):
        op.add_column("answers", sa.Column(name, sa.Text))
    kind = sa.case((answers.c.status == 201, "application/json"), else_="application/problem+json")
    op.execute(answers.update().values(media_type=kind))
