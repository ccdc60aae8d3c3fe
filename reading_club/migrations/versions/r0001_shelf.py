"""Books, reviewers, reviews, ratings, and the event store beside them.

The first release made these tables itself, on SQLite, and gave their constraints no names. A file
that it wrote has no `alembic_version`; it counts as being at this revision.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    _make_books_and_reviewers()
    _make_reviews_and_ratings()
    _make_the_eventstore()


def _make_books_and_reviewers() -> None:
    op.create_table(
        "books",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("isbn_13", sa.String(13), nullable=False),
        sa.Column("isbn", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("author", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_books"),
        sa.UniqueConstraint("isbn_13", name="uq_books_isbn_13"),
    )
    op.create_table(
        "reviewers",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reviewers"),
        sa.UniqueConstraint("name", name="uq_reviewers_name"),
    )


def _make_reviews_and_ratings() -> None:
    op.create_table(
        "reviews",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("book_id", sa.Uuid, nullable=False),
        sa.Column("reviewer_id", sa.Uuid, nullable=False),
        sa.Column("rating", sa.SmallInteger, nullable=False),
        sa.Column("comment", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reviews"),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name="fk_reviews_book_id"),
        sa.ForeignKeyConstraint(["reviewer_id"], ["reviewers.id"], name="fk_reviews_reviewer_id"),
        sa.UniqueConstraint("book_id", "reviewer_id", name="uq_reviews_book_id_reviewer_id"),
    )
    op.create_table(
        "ratings",
        sa.Column("book_id", sa.Uuid, nullable=False),
        sa.Column("reviews", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("book_id", name="pk_ratings"),
        sa.ForeignKeyConstraint(["book_id"], ["books.id"], name="fk_ratings_book_id"),
    )


def _make_the_eventstore() -> None:
    position = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "eventstore",
        sa.Column("position", position, nullable=False),
        sa.Column("kind", sa.String(7), nullable=False),
        sa.Column("published", sa.Boolean, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("type", sa.String(255), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_eventstore"),
        sqlite_autoincrement=True,
    )
