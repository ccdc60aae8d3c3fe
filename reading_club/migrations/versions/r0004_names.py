"""Reviewers' names in the spelling in which commands are made now.

Of names that look alike, the oldest gets that spelling, unless another one has it; the others stay
as they are, and `reading-club db upgrade` lists them. No row is merged, and none is lost.
"""

import sqlalchemy as sa
from alembic import op

from reading_club.domain.typed import as_seen

revision = "0004"
down_revision = "0003"

reviewers = sa.table("reviewers", sa.column("id", sa.Uuid), sa.column("name", sa.Text))


def upgrade() -> None:
    """Respell the names."""
    connection = op.get_bind()
    columns = reviewers.c
    rows = connection.execute(sa.select(columns.id, columns.name).order_by(columns.id)).all()
    taken = {row.name for row in rows}
    respelled: list[dict[str, object]] = []
    for row in rows:
        seen = as_seen(row.name)
        if seen and seen not in taken:
            taken.add(seen)
            respelled.append({"of": row.id, "seen": seen})
    if respelled:
        one = reviewers.update().where(columns.id == sa.bindparam("of"))
        connection.execute(one.values(name=sa.bindparam("seen")), respelled)
