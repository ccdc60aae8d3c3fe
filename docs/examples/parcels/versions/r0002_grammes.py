"""A parcel's weight in grammes."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("parcels", sa.Column("grammes", sa.Integer))
