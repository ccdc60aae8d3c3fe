"""Letters, standings in generations, the inbox, and the event store beside them."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables; the first generation of the standings is live."""
    _make_letters_and_standings()
    _make_the_inbox()
    _make_the_eventstore()


def _make_letters_and_standings() -> None:
    op.create_table(
        "letters",
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("book_id", sa.Uuid, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_letters"),
        sa.UniqueConstraint("book_id", name="uq_letters_book_id"),
    )
    op.create_table(
        "standings",
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("book_id", sa.Uuid, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("reviews", sa.Integer, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("generation", "book_id", name="pk_standings"),
    )
    generations = op.create_table(
        "generations",
        sa.Column("live", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("building", sa.Integer),
        sa.PrimaryKeyConstraint("live", name="pk_generations"),
    )
    op.bulk_insert(generations, [{"live": 1}])


def _position() -> sa.Column[int]:
    position = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    return sa.Column("position", position, nullable=False)


def _make_the_inbox() -> None:
    op.create_table(
        "inbox",
        _position(),
        sa.Column("consumer", sa.String(255), nullable=False),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("stream_key", sa.String(255), nullable=False),
        sa.Column(
            "received_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.Column("body", sa.LargeBinary),
        sa.Column("headers", sa.LargeBinary),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("due_at", sa.Float),
        sa.Column("refused_at", sa.DateTime(timezone=True)),
        sa.Column("refusal", sa.Text),
        sa.PrimaryKeyConstraint("position", name="pk_inbox"),
        sa.UniqueConstraint("consumer", "id", name="uq_inbox_consumer_id"),
        sqlite_autoincrement=True,
    )
    body: sa.ColumnElement[bytes] = sa.column("body", sa.LargeBinary)
    _index("inbox", "held", ["consumer", "stream_key", "position"], body.is_not(None))
    _index("inbox", "done", ["received_at"], body.is_(None))
    epoch = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "inbox_consumers",
        sa.Column("consumer", sa.String(255), nullable=False),
        sa.Column("epoch", epoch, nullable=False),
        sa.PrimaryKeyConstraint("consumer", name="pk_inbox_consumers"),
    )


def _make_the_eventstore() -> None:
    op.create_table(
        "eventstore",
        _position(),
        sa.Column("kind", sa.String(7), nullable=False),
        sa.Column("published", sa.Boolean, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("type", sa.String(255), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("stream_key", sa.String(255), nullable=False, server_default=""),
        sa.Column("slot", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("correlation_id", sa.String(255)),
        sa.Column("causation_id", sa.String(36)),
        sa.Column("traceparent", sa.String(55)),
        sa.Column("tracestate", sa.String(512)),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("refused_at", sa.DateTime(timezone=True)),
        sa.Column("refusal", sa.Text),
        sa.Column("actor", sa.String(255)),
        sa.PrimaryKeyConstraint("position", name="pk_eventstore"),
        sqlite_autoincrement=True,
    )
    published: sa.ColumnElement[bool] = sa.column("published", sa.Boolean)
    sent_at: sa.ColumnElement[str] = sa.column("sent_at", sa.Text)
    refused_at: sa.ColumnElement[str] = sa.column("refused_at", sa.Text)
    waiting = sa.and_(published.is_(True), sent_at.is_(None))
    _index("eventstore", "waiting", ["position"], waiting)
    _index("eventstore", "refused", ["stream_key"], refused_at.is_not(None))
    _index("eventstore", "sent", ["sent_at"], sent_at.is_not(None))


def _index(table: str, name: str, columns: list[str], where: sa.ColumnElement[bool]) -> None:
    op.create_index(
        f"ix_{table}_{name}", table, columns, postgresql_where=where, sqlite_where=where
    )
