"""The event store as a table: the journal of all messages, and the outbox of the published ones.

Each message is a row, written in the transaction that changes the models. A published row waits
for the stream while its `sent_at` is null. After the transactional outbox (Richardson,
"Microservices Patterns", chapter 3).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from messagebus.messages import Message

ENVELOPE = ("id", "created_at", "type", "payload")
Row = Mapping[str, Any]


class EventstoreTable:
    """The table of messages in the application's own metadata, so that its migrations see it.

    `stream_key` names the thing whose messages must reach the stream in order, most often an
    aggregate's id.
    """

    def __init__(
        self,
        metadata: sa.MetaData,
        name: str = "eventstore",
        *,
        stream_key: Callable[[Message], str],
    ) -> None:
        self.stream_key = stream_key
        position = sa.BigInteger().with_variant(sa.Integer, "sqlite")
        self.table = sa.Table(
            name,
            metadata,
            sa.Column("position", position, primary_key=True),
            sa.Column("kind", sa.String(7), nullable=False),
            sa.Column("published", sa.Boolean, nullable=False),
            sa.Column("id", sa.String(36), nullable=False),
            sa.Column("created_at", sa.String(32), nullable=False),
            sa.Column("type", sa.String(255), nullable=False),
            sa.Column("payload", sa.Text, nullable=False),
            sa.Column("stream_key", sa.String(255), nullable=False, server_default=""),
            sa.Column("sent_at", sa.DateTime(timezone=True)),
            sa.Column("refused_at", sa.DateTime(timezone=True)),
            sa.Column("refusal", sa.Text),
            sqlite_autoincrement=True,
        )
        columns = self.table.c
        waits = sa.and_(columns.published.is_(True), columns.sent_at.is_(None))
        self.waits = waits
        sa.Index(f"ix_{name}_waiting", columns.position, postgresql_where=waits, sqlite_where=waits)

    def insert(self, connection: sa.Connection, rows: Sequence[Row]) -> None:
        """Insert the rows, which get their positions in this order."""
        connection.execute(self.table.insert(), rows)
