"""The event store is the outbox, with a stream beside it, in the same database.

Published messages from before wait for the stream: no relay has sent them, `events` only printed
them. What they were born of is not known, so each belongs to itself. Ratings get a version.

The tables of today are compared with the outcome by `reading-club db check`: while this revision is
in no release, what changes in them is changed here.
"""

from zlib import crc32

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

eventstore = sa.table(
    "eventstore",
    sa.column("position", sa.Integer),
    sa.column("published", sa.Boolean),
    sa.column("id", sa.String),
    sa.column("type", sa.String),
    sa.column("payload", sa.Text),
    sa.column("stream_key", sa.String),
    sa.column("slot", sa.SmallInteger),
    sa.column("correlation_id", sa.String),
    sa.column("sent_at", sa.DateTime),
    sa.column("refused_at", sa.DateTime),
)


def upgrade() -> None:
    """Add the columns, and say of the messages from before what they are about."""
    op.add_column("ratings", sa.Column("version", sa.Integer, nullable=False, server_default="1"))
    for column in (
        sa.Column("stream_key", sa.String(255), nullable=False, server_default=""),
        sa.Column("slot", sa.SmallInteger, nullable=False, server_default="0"),
        sa.Column("correlation_id", sa.String(255)),
        sa.Column("causation_id", sa.String(36)),
        sa.Column("traceparent", sa.String(55)),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("refused_at", sa.DateTime(timezone=True)),
        sa.Column("refusal", sa.Text),
    ):
        op.add_column("eventstore", column)
    _say_what_messages_are_about()
    columns = eventstore.c
    _index("waiting", "position", sa.and_(columns.published.is_(True), columns.sent_at.is_(None)))
    _index("refused", "stream_key", columns.refused_at.is_not(None))
    _index("sent", "sent_at", columns.sent_at.is_not(None))
    _make_the_stream()


def _index(name: str, column: str, where: sa.ColumnElement[bool]) -> None:
    op.create_index(
        f"ix_eventstore_{name}",
        "eventstore",
        [column],
        postgresql_where=where,
        sqlite_where=where,
    )


def _make_the_stream() -> None:
    position = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "stream",
        sa.Column("position", position, nullable=False),
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("created_at", sa.String(32), nullable=False),
        sa.Column("type", sa.String(255), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("headers", sa.Text, nullable=False),
        sa.Column(
            "published_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()
        ),
        sa.PrimaryKeyConstraint("position", name="pk_stream"),
        sa.UniqueConstraint("id", name="uq_stream_id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "stream_consumers",
        sa.Column("consumer", sa.String(255), nullable=False),
        sa.Column("position", position, nullable=False),
        sa.PrimaryKeyConstraint("consumer", name="pk_stream_consumers"),
    )


def _say_what_messages_are_about() -> None:
    columns = eventstore.c
    read_as = sa.cast if op.get_bind().dialect.name == "postgresql" else sa.type_coerce
    payload = read_as(columns.payload, sa.JSON)
    op.execute(eventstore.update().values(correlation_id=columns.id))
    op.execute(
        eventstore.update()
        .where(columns.published.is_(True))
        .values(
            stream_key=sa.case(
                (columns.type == "book_reviewed_v1", payload["book_id"].as_string()),
                else_=payload["id"].as_string(),
            )
        )
    )
    connection = op.get_bind()
    keys = connection.execute(sa.select(columns.position, columns.stream_key)).all()
    if keys:
        by_position = eventstore.update().where(columns.position == sa.bindparam("at"))
        connection.execute(
            by_position.values(slot=sa.bindparam("value")),
            [{"at": position, "value": crc32(key.encode()) % 256} for position, key in keys],
        )
