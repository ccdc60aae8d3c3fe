"""A stream in two tables: the messages in order, and how far each consumer has come.

The default where there is no broker. It may share the outbox's database, or have one of its own.
A message that is sent twice is kept once: its id is unique, as long as it has not been purged.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import timedelta
from typing import Any
from zlib import crc32

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from messagebus.adapters.sqlalchemy.clock import ago
from messagebus.adapters.sqlalchemy.databases import AsyncSqlDatabase
from messagebus.adapters.sqlalchemy.tables import ENVELOPE
from messagebus.adapters.sqlalchemy.texts import flaw_of
from messagebus.errors import ConfigurationError, TransactionError
from messagebus.relay.stream import (
    AcknowledgedPrefix,
    AsyncAbstractStream,
    Delivery,
    MessageRefusedError,
    StreamMessage,
    StreamUnavailableError,
)


class StreamTable:
    """The stream's tables in the application's own metadata, so that its migrations see them."""

    def __init__(self, metadata: sa.MetaData, name: str = "stream") -> None:
        position = sa.BigInteger().with_variant(sa.Integer, "sqlite")
        self.table = sa.Table(
            name,
            metadata,
            sa.Column("position", position, primary_key=True),
            sa.Column("id", sa.String(36), nullable=False, unique=True),
            sa.Column("created_at", sa.String(32), nullable=False),
            sa.Column("type", sa.String(255), nullable=False),
            sa.Column("payload", sa.Text, nullable=False),
            sa.Column("headers", sa.Text, nullable=False),
            sa.Column(
                "published_at",
                sa.DateTime(timezone=True),
                nullable=False,
                server_default=sa.func.now(),
            ),
            sqlite_autoincrement=True,
        )
        self.consumers = sa.Table(
            f"{name}_consumers",
            metadata,
            sa.Column("consumer", sa.String(255), primary_key=True),
            sa.Column("position", position, nullable=False),
        )


class AsyncSqlStream(AsyncAbstractStream):
    """A stream that any number of relays may write, and one process for each consumer's name."""

    def __init__(
        self,
        database: AsyncSqlDatabase,
        table: StreamTable,
        *,
        batch: int = 100,
        poll: float = 0.05,
    ) -> None:
        """Read `batch` messages at once, and look for new ones every `poll` seconds."""
        self._database = database
        self._table = table.table
        self._consumers = table.consumers
        self._batch = batch
        self._poll = poll
        columns = table.table.c
        self._behind_position = (
            sa.select(columns.position, columns.headers, *(columns[name] for name in ENVELOPE))
            .where(columns.position > sa.bindparam("position"))
            .order_by(columns.position)
            .limit(sa.bindparam("limit"))
        )

    async def publish(self, batch: Sequence[StreamMessage]) -> int:
        """Keep the messages in one transaction; raise `StreamUnavailableError` where it fails.

        A message that the table can never keep is a `MessageRefusedError`, on each database alike.
        """
        rows = [
            {**each.envelope, "headers": json.dumps(dict(each.headers), ensure_ascii=False)}
            for each in batch
        ]
        for number, row in enumerate(rows):
            if flaw := self._flaw(row):
                await self._insert(rows[:number])
                raise MessageRefusedError(
                    f"the table {self._table.fullname} cannot keep the message: its {flaw}.", number
                )
        await self._insert(rows)
        return len(rows)

    def _flaw(self, row: Mapping[str, str]) -> str | None:
        for name, text in row.items():
            if flaw := flaw_of(text, getattr(self._table.c[name].type, "length", None)):
                return f"{name} {flaw}"
        return None

    async def _insert(self, rows: Sequence[Mapping[str, str]]) -> None:
        if not rows:
            return

        def insert(connection: sa.Connection) -> None:
            if connection.dialect.name == "postgresql":
                # Readers go by position: who commits a smaller one later would be passed over.
                lock = crc32(self._table.fullname.encode())
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(lock)))
            statement = _insert(connection, self._table)
            connection.execute(statement.on_conflict_do_nothing(index_elements=["id"]), rows)

        try:
            await self._database.run(insert)
        except (DBAPIError, TransactionError) as error:
            raise StreamUnavailableError(
                f"the table {self._table.fullname} took none of {len(rows)} messages: {error}; "
                "they wait, and are sent again."
            ) from error

    async def consume(self, consumer: str) -> AsyncGenerator[Delivery, None]:
        """Deliver from the oldest that this consumer has not acknowledged, and wait for more.

        Raises `ConfigurationError` for a name of more than 255 characters, or one that is no text.
        """
        if flaw := flaw_of(consumer, 255):
            raise ConfigurationError(
                f"{consumer!r} cannot name a consumer: the name {flaw}. Its position is a row "
                "under that name. Choose a name that fits."
            )
        acknowledged = AcknowledgedPrefix(lambda position: self._store(consumer, position))
        reached = await self._database.run(
            lambda connection: connection.scalar(
                sa.select(self._consumers.c.position).where(self._consumers.c.consumer == consumer)
            ),
            read_only=True,
        )
        position: int = reached or 0
        while True:
            rows = await self.behind(position)
            for position, message in rows:
                yield acknowledged.deliver(message, position)
            if not rows:
                await asyncio.sleep(self._poll)

    async def behind(self, position: int) -> Sequence[tuple[int, StreamMessage]]:
        """The next messages behind a position, each with its own; for who remembers it himself."""

        def read(connection: sa.Connection) -> Sequence[tuple[int, StreamMessage]]:
            found = connection.execute(
                self._behind_position, {"position": position, "limit": self._batch}
            )
            return [_numbered(row) for row in found]

        return await self._database.run(read, read_only=True)

    async def head(self) -> int:
        """The position of the last message; 0 where there is none."""
        last = sa.select(sa.func.max(self._table.c.position))
        return await self._database.run(
            lambda connection: connection.scalar(last) or 0, read_only=True
        )

    async def purge(self, retention: timedelta, limit: int = 1000) -> int:
        """Delete at most `limit` messages that have been here longer and are acknowledged.

        Returns how many. Of the first `limit` it deletes those that were published longer ago than
        `retention`, by the database's clock, and that every consumer has acknowledged. A consumer
        is known from its first acknowledgement on, until its row is deleted; where there is none,
        and for who reads by `behind`, the time alone decides: no reader may be away for longer.
        """

        def purge(connection: sa.Connection) -> int:
            before = ago(connection, retention)
            deleting = _deleting(self._table, self._consumers, before, limit)
            return connection.execute(deleting).rowcount

        return await self._database.run(purge)

    async def _store(self, consumer: str, position: int) -> None:
        def store(connection: sa.Connection) -> None:
            statement = _insert(connection, self._consumers)
            connection.execute(
                statement.on_conflict_do_update(
                    index_elements=["consumer"], set_={"position": statement.excluded.position}
                ),
                {"consumer": consumer, "position": position},
            )

        await self._database.run(store)


def _numbered(row: Sequence[Any]) -> tuple[int, StreamMessage]:
    position, headers, *envelope = row
    message = StreamMessage(dict(zip(ENVELOPE, envelope, strict=True)), json.loads(headers))
    return position, message


def _deleting(
    table: sa.Table, consumers: sa.Table, before: sa.ColumnElement[Any], limit: int
) -> sa.Delete:
    """Looks no further than the first `limit`: there is no index by time."""
    columns = table.c
    first = (
        sa.select(columns.position, columns.published_at)
        .order_by(columns.position)
        .limit(limit)
        .subquery()
    )
    acknowledged = sa.select(sa.func.min(consumers.c.position)).scalar_subquery()
    old = sa.select(first.c.position).where(
        first.c.published_at < before,
        first.c.position <= sa.func.coalesce(acknowledged, first.c.position),
    )
    return sa.delete(table).where(columns.position.in_(old))


def _insert(connection: sa.Connection, table: sa.Table) -> postgresql.Insert | sqlite.Insert:
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
