"""The club's tables, and the event store beside them."""

from typing import Any

import sqlalchemy as sa

from messagebus import ConfigurationError, Message
from messagebus.adapters.sqlalchemy import EventstoreTable, IdempotencyTable, StreamTable
from reading_club.domain.messages import (
    BookRegistered,
    BookReviewed,
    ReviewerRegistered,
    ReviewRevised,
    ReviewWithdrawn,
)

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

answers = IdempotencyTable(metadata, "answers")


def stream_key(message: Message[Any]) -> str:
    """What a message is about: all that happens to one book reaches the stream in order.

    Raises `ConfigurationError` for a published message without a case here.
    """
    match message:
        case (
            BookReviewed(book_id=book_id)
            | ReviewRevised(book_id=book_id)
            | ReviewWithdrawn(book_id=book_id)
        ):
            return str(book_id)
        case BookRegistered(id=id_) | ReviewerRegistered(id=id_):
            return str(id_)
        case _ if message.metadata.published:
            name = type(message).__qualname__
            raise ConfigurationError(
                f"{name} has no stream key; a published message names the aggregate whose "
                f"messages stay in order: add a case for {name} to stream_key in {__name__}."
            )
        case _:
            return ""


eventstore = EventstoreTable(metadata, stream_key=stream_key)

stream = StreamTable(metadata)
"""Where the relay sends what is published, unless the settings name another stream."""
