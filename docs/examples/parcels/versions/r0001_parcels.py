"""Couriers, and what they carry."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "couriers",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.Text),
    )
    op.create_table(
        "parcels",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("courier", sa.Integer, nullable=False),
        sa.Column("kg", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(
            ["courier"],
            ["couriers.id"],
            name="fk_parcels_courier",
            ondelete="CASCADE",
        ),
    )
