"""Each parcel has its weight, and each driver a name."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    with op.batch_alter_table("parcels") as parcels:
        parcels.alter_column(
            "grammes", existing_type=sa.Integer, nullable=False
        )
    with op.batch_alter_table("drivers") as drivers:
        drivers.alter_column("full_name", existing_type=sa.Text, nullable=False)
