"""The event store as a table: each message is a row, in the order of handling."""

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

Row = Mapping[str, Any]


class EventstoreTable:
    """The table of messages in the application's own metadata, so that its migrations see it."""

    def __init__(self, metadata: sa.MetaData, name: str = "eventstore") -> None:
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
            sqlite_autoincrement=True,
        )

    def insert(self, connection: sa.Connection, rows: Sequence[Row]) -> None:
        """Insert the rows, which get their positions in this order."""
        connection.execute(self.table.insert(), rows)
