"""Depots, and where each parcel lies."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "depots",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("city", sa.Text, nullable=False),
    )
    with op.batch_alter_table("parcels") as parcels:
        parcels.add_column(sa.Column("depot", sa.Integer))
        parcels.create_foreign_key(
            "fk_parcels_depot", "depots", ["depot"], ["id"]
        )
