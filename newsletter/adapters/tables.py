"""The newsletter's tables."""

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy import EventstoreTable, InboxTable

metadata = sa.MetaData(
    naming_convention={"pk": "pk_%(table_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s"}
)

letters = sa.Table(
    "letters",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("book_id", sa.Uuid, nullable=False, unique=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
)

standings = sa.Table(
    "standings",
    metadata,
    sa.Column("generation", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("book_id", sa.Uuid, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("reviews", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
)
"""The read model. `newsletter rebuild` fills a second generation beside the live one."""

generations = sa.Table(
    "generations",
    metadata,
    sa.Column("live", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("building", sa.Integer),
)
"""One row: the generation of `standings` that is shown and continued, and the one that is built."""

live = sa.select(generations.c.live).scalar_subquery()

eventstore = EventstoreTable(metadata)
inbox = InboxTable(metadata)
