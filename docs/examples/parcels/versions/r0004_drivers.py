"""Couriers are called drivers, and have a full name."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.rename_table("couriers", "drivers")
    with op.batch_alter_table("drivers") as drivers:
        drivers.alter_column(
            "name", existing_type=sa.Text, new_column_name="full_name"
        )
    with op.batch_alter_table("parcels") as parcels:
        parcels.alter_column(
            "courier", existing_type=sa.Integer, new_column_name="driver"
        )
