"""The club's tables, and the event store beside them."""

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy import EventstoreTable

metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    }
)

books = sa.Table(
    "books",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("isbn_13", sa.String(13), nullable=False, unique=True),
    sa.Column("isbn", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("author", sa.Text, nullable=False),
)

reviewers = sa.Table(
    "reviewers",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
)

reviews = sa.Table(
    "reviews",
    metadata,
    sa.Column("id", sa.Uuid, primary_key=True),
    sa.Column("book_id", sa.Uuid, sa.ForeignKey("books.id"), nullable=False),
    sa.Column("reviewer_id", sa.Uuid, sa.ForeignKey("reviewers.id"), nullable=False),
    sa.Column("rating", sa.SmallInteger, nullable=False),
    sa.Column("comment", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
    sa.UniqueConstraint("book_id", "reviewer_id"),
)

ratings = sa.Table(
    "ratings",
    metadata,
    sa.Column("book_id", sa.Uuid, sa.ForeignKey("books.id"), primary_key=True),
    sa.Column("reviews", sa.Integer, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, server_default="1"),
)

eventstore = EventstoreTable(metadata)
