"""The inbox as a table: a row for each message that a consumer has received.

A row without a body is done. A row with one is held, or a dead letter once `refused_at` is set.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any

import sqlalchemy as sa

from messagebus.adapters.sqlalchemy.backends import Backend, backend_of
from messagebus.adapters.sqlalchemy.parking import ParkingRows
from messagebus.consumer.inbox import OvertakenError


class InboxTable:
    """The inbox's tables in the application's own metadata, so that its migrations see them.

    One table serves any number of consumers. `NAME_consumers` has the epoch of each: a process
    that begins to consume raises it, and a process of an earlier epoch can commit no longer.
    """

    def __init__(self, metadata: sa.MetaData, name: str = "inbox") -> None:
        position = sa.BigInteger().with_variant(sa.Integer, "sqlite")
        self.table = sa.Table(
            name,
            metadata,
            sa.Column("position", position, primary_key=True),
            sa.Column("consumer", sa.String(255), nullable=False),
            sa.Column("id", sa.String(64), nullable=False),
            sa.Column("stream_key", sa.String(255), nullable=False),
            sa.Column(
                "received_at",
                sa.DateTime(timezone=True),
                nullable=False,
                server_default=sa.func.now(),
            ),
            sa.Column("body", sa.LargeBinary),
            sa.Column("headers", sa.LargeBinary),
            sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
            sa.Column("due_at", sa.Float),
            sa.Column("refused_at", sa.DateTime(timezone=True)),
            sa.Column("refusal", sa.Text),
            sa.UniqueConstraint("consumer", "id"),
            sqlite_autoincrement=True,
        )
        self.consumers = sa.Table(
            f"{name}_consumers",
            metadata,
            sa.Column("consumer", sa.String(255), primary_key=True),
            sa.Column("epoch", position, nullable=False),
        )
        columns = self.table.c
        held = columns.body.is_not(None)
        sa.Index(
            f"ix_{name}_held",
            columns.consumer,
            columns.stream_key,
            columns.position,
            postgresql_where=held,
            sqlite_where=held,
        )
        done = columns.body.is_(None)
        sa.Index(f"ix_{name}_done", columns.received_at, postgresql_where=done, sqlite_where=done)
        self.insert_of = cache(self._insert)

    def begin(self, connection: sa.Connection, consumer: str) -> int:
        """Raise the consumer's epoch, and return it."""
        insert = backend_of(connection).insert(self.consumers)
        epoch: int = connection.execute(
            insert.values(consumer=consumer, epoch=1)
            .on_conflict_do_update(
                index_elements=["consumer"], set_={"epoch": self.consumers.c.epoch + 1}
            )
            .returning(self.consumers.c.epoch)
        ).scalar_one()
        return epoch

    def check(self, connection: sa.Connection, consumer: str, epoch: int) -> None:
        """Raise `OvertakenError` unless the epoch is this one, and keep it until the commit."""
        columns = self.consumers.c
        query = sa.select(columns.epoch).where(columns.consumer == consumer)
        if connection.scalar(query.with_for_update(read=True)) != epoch:
            raise OvertakenError(
                f"another process consumes as {consumer!r} now. This one has lost the lock, and "
                "commits nothing under that name."
            )

    def rows_of(self, consumer: str) -> ParkingRows:
        """The rows of one consumer, of which each held one parks those of its key behind it."""

        def is_held(columns: Any) -> sa.ColumnElement[bool]:
            held: sa.ColumnElement[bool] = columns.body.is_not(None)
            return held

        return ParkingRows(
            self.table,
            is_held(self.table.c),
            is_held,
            lambda columns: columns.consumer == consumer,
        )

    def parked_keys(
        self, connection: sa.Connection, consumer: str, keys: Iterable[str]
    ) -> set[str]:
        """Those of the stream keys that have a held message or a dead letter."""
        columns = self.table.c
        query = sa.select(columns.stream_key).distinct()
        query = query.where(columns.consumer == consumer, columns.body.is_not(None))
        return {*connection.scalars(query.where(columns.stream_key.in_({*keys})))}

    def _insert(self, backend: Backend) -> Any:
        """Insert rows and return the ids of the new ones; the constraint knows the others."""
        insert = backend.insert(self.table)
        insert = insert.on_conflict_do_nothing(index_elements=["consumer", "id"])
        return insert.returning(self.table.c.id)
